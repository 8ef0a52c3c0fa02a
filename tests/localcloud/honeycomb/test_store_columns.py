"""How the store keeps fields: exactly, whatever they are, and however events are put together."""

import math
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.honeycomb.events import Event
from localcloud.honeycomb.store import ColumnInfo, EventStore, catalogue, layout, store, tables

NOW = 10**18
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
)
NAMES = st.sampled_from(["a", "b", "c0", "seq", "time", "rest", "", "é\0\"'); --", "trace.trace_id"])


@pytest.fixture
def _small_scale() -> Iterator[None]:
    """What is in fewer than half of the events is rare, three columns are many, and segments are joined."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "RARE", 2)
        patch.setattr(layout, "COLUMNS_MAX", 3)
        patch.setattr(tables, "JOINED_AT_ONCE", 2)
        yield


def event(number: int = 0, dataset: str = "web", time: int = 1, **fields: Any) -> Event:
    """An event of a trace of its own."""
    return Event(dataset, time, 1, {"number": number, **fields})


def exact(fields: dict[str, Any]) -> dict[str, tuple[type, Any]]:
    """Fields with their types, not-a-numbers and signs of zeros told apart."""
    return {
        name: (type(value), repr(value) if isinstance(value, float) else value)
        for name, value in fields.items()
    }


@pytest.mark.usefixtures("_small_scale")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=6), max_size=5), st.booleans())
def test_every_field_comes_back_as_it_was(parts: list[list[dict[str, Any]]], joined: bool) -> None:
    """Value and type, also where a field is a text in one event and a number in the next."""
    kept = EventStore(clock=lambda: NOW)
    number = 0
    for part in parts:
        kept.add(Event("web", time, 1 + time % 3, fields) for time, fields in enumerate(part, number))
        number += len(part)
        kept.flush()
        if joined:
            kept.compact()
    expected = [fields for part in parts for fields in part]
    found, following = kept.page(0, 1000)
    kept.close()
    assert following is None
    assert [exact(one.fields) for one in found] == [exact(fields) for fields in expected]
    assert [(one.time, one.sample_rate) for one in found] == [(at, 1 + at % 3) for at in range(len(expected))]


def test_numbers_and_texts_that_64_bits_and_utf_8_have_not() -> None:
    """Integers become floats, and lone surrogates the sign for what can't be shown."""
    kept = EventStore(clock=lambda: NOW)
    fields: dict[str, Any] = {"big": 2**64, "huge": -(10**400), "text": "a\ud800b", "\udfffname": 1}
    kept.add([event(**fields)])
    (found,), _ = kept.page(0, 1)
    assert found.fields == {
        "number": 0,
        "big": 2.0**64,
        "huge": -math.inf,
        "text": "a\ufffdb",
        "\ufffdname": 1,
    }


def test_a_column_has_the_type_of_its_first_value() -> None:
    """Integers become floats with the first float; times are those of arrival."""
    times = iter(range(100, 1000, 100))
    kept = EventStore(clock=lambda: next(times))
    kept.add([event(text="1", whole=1, mixed=1, flag=True)])
    kept.flush()
    kept.add([event(whole=2, mixed=1.5, flag="no")])
    columns = {column.key_name: column for column in kept.columns("web")}
    assert {name: column.type for name, column in columns.items()} == {
        "number": "integer",
        "text": "string",
        "whole": "integer",
        "mixed": "float",
        "flag": "boolean",
    }
    assert columns["text"] == ColumnInfo("text", "string", 200, 200)
    assert (columns["mixed"].created_at, columns["mixed"].last_written) == (200, 400)
    (dataset,) = kept.datasets()
    assert (dataset.created_at, dataset.last_written_at) == (200, 400)
    assert kept.dataset("web") == dataset
    assert kept.dataset("other") is None
    assert kept.columns("other") == []


def test_a_dataset_has_a_limited_number_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields beyond it are left out and counted; those that are there go on."""
    monkeypatch.setattr(catalogue, "COLUMNS_MAX", 3)
    kept = EventStore(clock=lambda: NOW)
    kept.add([event(a=1, b=1), event(b=2, c=2, d=2), event(dataset="other", d=3)])
    assert [one.fields for one in kept.page(0, 10)[0]] == [
        {"number": 0, "a": 1, "b": 1},
        {"number": 0, "b": 2},
        {"number": 0, "d": 3},
    ]
    assert [column.key_name for column in kept.columns("web")] == ["a", "b", "number"]
    assert kept.counters()["refused_columns"] == 2


def test_there_is_a_limited_number_of_columns_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all datasets together; those of a dataset that goes are free again."""
    monkeypatch.setattr(catalogue, "ALL_COLUMNS_MAX", 4)
    kept = EventStore(clock=lambda: NOW)
    kept.add([event(1, a=1), event(2, dataset="other", b=1, c=1)])
    assert [one.fields for one in kept.page(0, 10)[0]] == [{"number": 1, "a": 1}, {"number": 2, "b": 1}]
    assert kept.counters()["refused_columns"] == 1
    kept.delete_dataset("web")
    kept.add([event(3, dataset="other", c=1, d=1, e=1)])
    assert kept.column_names() == {"number", "b", "c", "d"}


def test_datasets_without_events_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataset goes with the last of its events, so that others can come for ever."""
    monkeypatch.setattr(catalogue, "DATASETS_MAX", 3)
    kept = EventStore(clock=lambda: NOW, capacity_events=2)
    for number in range(10):
        kept.add([event(number, dataset=f"d{number}")])
        kept.flush()
    assert [one.slug for one in kept.datasets()] == ["d8", "d9"]
    assert kept.columns("d1") == []
    assert kept.column_names("d1") == set()
    assert kept.counters()["refused"] == 0


def test_there_is_a_limited_number_of_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of further ones are refused and counted."""
    monkeypatch.setattr(catalogue, "DATASETS_MAX", 1)
    kept = EventStore(clock=lambda: NOW)
    kept.add([event(1), event(2, dataset="other"), event(3, dataset="WEB")])
    assert [one.fields["number"] for one in kept.page(0, 10)[0]] == [1, 3]
    counters = kept.counters()
    assert (counters["received"], counters["stored"], counters["refused"]) == (3, 2, 1)
    assert counters["refused.too_many_datasets"] == 1


@pytest.mark.parametrize("joined", [True, False])
def test_a_dataset_goes_with_its_events_and_columns(monkeypatch: pytest.MonkeyPatch, joined: bool) -> None:
    """The others stay as they were, and one of that name can begin anew."""
    monkeypatch.setattr(tables, "JOINED_AT_ONCE", 2)
    kept = EventStore(clock=lambda: NOW, capacity_events=6)
    for first in (0, 4):
        kept.add(event(number, dataset="ab"[number % 2]) for number in range(first, first + 4))
        kept.flush()
    if joined:
        kept.compact()
    kept.delete_dataset("a")
    kept.delete_dataset("none")
    assert [one.fields["number"] for one in kept.page(0, 100)[0]] == [3, 5, 7]
    assert [(one.slug, one.events) for one in kept.datasets()] == [("b", 3)]
    assert kept.columns("a") == []
    assert kept.counters()["kept"] == kept.counters()["deleted"] == 3
    kept.add(event(number, dataset="a", new=1) for number in range(10, 15))
    assert [one.fields["number"] for one in kept.page(0, 100)[0]] == [7, 10, 11, 12, 13, 14]
    assert [column.key_name for column in kept.columns("a")] == ["new", "number"]


def test_much_is_taken_in_beside_those_who_add_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """From several threads: nothing is lost or doubled, and every read sees what was added before."""
    monkeypatch.setattr(store, "HOT_EVENTS", 50)
    monkeypatch.setattr(tables, "SEGMENT_EVENTS", 400)
    kept = EventStore(clock=lambda: NOW, capacity_events=3_000)
    problems: list[str] = []

    def add(thread: int) -> None:
        for first in range(0, 1_000, 20):
            kept.add(event(thread * 1_000 + number) for number in range(first, first + 20))
            seen = {one.fields["number"] for one in kept.page(0, 10_000)[0]}
            if thread * 1_000 + first not in seen:
                problems.append(f"{thread}: {first} isn't there")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers: list[Any] = [one.fields["number"] for one in kept.page(0, 10_000)[0]]
    kept.close()
    assert problems == []
    assert sorted(numbers) == list(range(3_000))
    for first in range(0, 3_000, 1_000):
        mine = [number for number in numbers if first <= number < first + 1_000]
        assert mine == sorted(mine)


def test_small_segments_are_joined_and_their_tables_removed() -> None:
    """However many there were."""
    kept = EventStore(clock=lambda: NOW)
    for number in range(30):
        kept.add([event(number)])
        kept.flush()
    kept.compact()
    with kept.reading() as view:
        assert len(view.segments) <= tables.JOINED_AT_ONCE
        (count,) = view.cursor.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        assert count == (len(view.segments),)
    assert [one.fields["number"] for one in kept.page(0, 100)[0]] == list(range(30))


def test_a_reader_keeps_what_it_saw() -> None:
    """Segments that are joined meanwhile stay until it is done."""
    kept = EventStore(clock=lambda: NOW)
    for number in range(20):
        kept.add([event(number)])
        kept.flush()
    with kept.reading() as view:
        kept.compact()
        assert len(view.events(view.segments, "true", {})) == 20
    kept.compact()
    assert len(kept.page(0, 100)[0]) == 20
