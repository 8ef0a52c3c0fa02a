"""The bounded store."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.honeycomb.attributes import Field
from localcloud.honeycomb.errors import StorageError
from localcloud.honeycomb.events import Event
from localcloud.honeycomb.limits import FIELD_NAME_MAX_BYTES, STRING_MAX_BYTES, fit
from localcloud.honeycomb.store import EventStore, tables
from localcloud.honeycomb.store import store as store_module


def trace_id(number: int) -> str:
    """An id of 32 digits."""
    return f"{number:x}" * 32


def event(trace: int = 1, dataset: str = "cruddur", time: int = 1, **fields: Any) -> Event:
    """An event of the trace with this number."""
    return Event(dataset, time, 1, {"trace.trace_id": trace_id(trace), **fields})


def wide_event(fields: int, value: Field) -> Event:
    """An event with as many fields of that value, and a trace id."""
    values = {f"field{number}": value for number in range(fields)}
    return Event("cruddur", 1, 1, {"trace.trace_id": trace_id(1), **values})


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["a", "A", "b"]))), st.integers(0, 6))
def test_the_newest_events_are_kept_and_indexes_agree(arriving: list[tuple[int, str]], capacity: int) -> None:
    """Whatever arrives, traces and datasets hold exactly the last events, and the rest is counted."""
    store = EventStore(capacity_events=capacity, clock=lambda: 10**9)
    store.add(event(trace, dataset, number=at) for at, (trace, dataset) in enumerate(arriving))
    kept = list(enumerate(arriving))[max(0, len(arriving) - capacity) :]
    for trace in range(1, 5):
        found = [stored.fields["number"] for stored in store.trace(trace_id(trace))]
        assert found == [at for at, (of, _) in kept if of == trace]
    counts = {dataset.slug: dataset.events for dataset in store.datasets()}
    assert counts == {
        slug: count for slug in "ab" if (count := sum(name.lower() == slug for _, (_, name) in kept))
    }
    counters = store.counters()
    assert counters["received"] == counters["stored"] == len(arriving)
    assert counters["dropped_oldest"] == len(arriving) - len(kept)
    assert counters["kept"] == len(kept)


def test_capacity_is_bounded_in_bytes_too() -> None:
    """A few large events drop the older ones."""
    store = EventStore(capacity_bytes=100_000, clock=lambda: 10)
    store.add(event(number=number, text="x" * 30_000) for number in range(10))
    assert [stored.fields["number"] for stored in store.trace(trace_id(1))] == [7, 8, 9]


def test_a_trace_is_sorted_by_time() -> None:
    """Events at one time stay in order of arrival."""
    store = EventStore(clock=lambda: 100)
    store.add([event(time=5, number=0), event(time=3, number=1), event(time=5, number=2)])
    assert [stored.fields["number"] for stored in store.trace(trace_id(1))] == [1, 0, 2]


def test_an_event_of_the_future_gets_the_time_of_its_arrival() -> None:
    """Nothing is later than now."""
    store = EventStore(clock=lambda: 100)
    store.add([event(time=2**63), event(time=99)])
    assert [stored.time for stored in store.trace(trace_id(1))] == [99, 100]


def test_the_first_event_fixes_a_datasets_case() -> None:
    """Names differing in case are one dataset."""
    store = EventStore(clock=lambda: 100)
    store.add([event(dataset="My dataset!"), event(dataset="my DATASET!")])
    (dataset,) = store.datasets()
    assert (dataset.name, dataset.slug, dataset.events) == ("My dataset!", "my-dataset-", 2)


def test_events_over_honeycombs_limits_are_refused_and_counted() -> None:
    """2,000 fields and 1 MB are the most; longer texts than 64 KB are cut."""
    store = EventStore(clock=lambda: 100)
    store.add(
        [
            wide_event(1999, 1),
            wide_event(2000, 1),
            wide_event(17, "x" * 60_000),
            event(text="é" * 40_000),
        ]
    )
    counters = store.counters()
    assert (counters["stored"], counters["refused"]) == (2, 2)
    assert counters["refused.too_many_fields"] == counters["refused.too_large"] == 1
    assert store.trace(trace_id(1))[-1].fields["text"] == "é" * (STRING_MAX_BYTES // 2)


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 12), st.integers(1, 7))
def test_pages_have_every_kept_event_once(arriving: int, capacity: int, size: int) -> None:
    """In order of arrival, also where the first ones had to go."""
    store = EventStore(capacity_events=capacity, clock=lambda: 10**9)
    store.add(event(number=number) for number in range(arriving))
    found: list[Any] = []
    following: int | None = 0
    while following is not None:
        page, following = store.page(following, size)
        assert len(page) <= size
        found += [stored.fields["number"] for stored in page]
    assert found == list(range(arriving))[max(0, arriving - capacity) :]


def test_memory_is_bounded_whatever_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the database has no more, the oldest events go too; those that came last are there."""
    monkeypatch.setattr(tables, "MEMORY_LIMIT_BYTES", 64 * 1024**2)
    generator = random.Random(1)
    store = EventStore(clock=lambda: 10**9)
    for number in range(40):
        texts = [generator.randbytes(20_000).hex() for _ in range(50)]
        store.add(event(number=number, text=text) for text in texts)
        kept, _ = store.page(0, 10_000)
        assert [stored.fields["text"] for stored in kept[-50:]] == texts
    counters = store.counters()
    store.close()
    assert counters["kept"] == len(kept)
    assert counters["dropped_oldest"] == 2_000 - len(kept) > 0


def test_nothing_is_lost_where_it_could_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads is told; the events are there once it can be."""
    store = EventStore(clock=lambda: 10**9)
    store.add([event(number=1)])
    with monkeypatch.context() as patch:
        patch.setattr(tables.Tables, "create", _no_space)
        with pytest.raises(StorageError, match="No space left"):
            store.page(0, 10)
        store.add([event(number=2)])
    assert [stored.fields["number"] for stored in store.page(0, 10)[0]] == [1, 2]
    assert store.counters() == {"received": 2, "stored": 2, "refused": 0, "dropped_oldest": 0, "kept": 2}


def _no_space(*_: object) -> None:
    raise duckdb.IOException("IO Error: No space left on device")


def test_events_are_handed_over_while_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few wait in memory, however many one request has."""
    monkeypatch.setattr(store_module, "HOT_EVENTS", 10)
    store = EventStore(clock=lambda: 10**9)
    waiting: list[int] = []

    def coming() -> Iterator[Event]:
        for number in range(500):
            waiting.append(len(store._hot))
            yield event(number=number)

    store.add(coming())
    assert max(waiting) <= 10 * store_module.HOT_SHARE_MAX + 1
    assert [stored.fields["number"] for stored in store.page(0, 1_000)[0]] == list(range(500))


def test_no_more_is_taken_than_may_wait_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As where the disk is full; one line is in the log, and all that was taken is there afterwards."""
    monkeypatch.setattr(store_module, "HOT_EVENTS", 5)
    store = EventStore(clock=lambda: 10**9)
    taken = 0
    with monkeypatch.context() as patch:
        patch.setattr(tables.Tables, "create", _no_space)
        with contextlib.suppress(StorageError):
            while taken < 1_000:
                store.add([event(number=taken)])
                taken += 1
        # As much again may come while a thread tries to write what waited.
        assert taken <= 2 * (5 * store_module.HOT_SHARE_MAX + 1)
        for _ in range(3):
            with pytest.raises(StorageError, match="No space left"):
                store.datasets()
    assert [stored.fields["number"] for stored in store.page(0, 100)[0]] == list(range(taken))
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("events can't be stored or read: IO Error: No space left")
    store.close()


def test_a_database_that_duckdb_gave_up_takes_and_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything says why, the first reason; closing too."""
    store = EventStore(clock=lambda: 10**9)
    store.add([event(number=1)])
    with monkeypatch.context() as patch:
        patch.setattr(tables.Tables, "create", _given_up)
        with pytest.raises(StorageError, match="can't write"):
            store.flush()
    for act in (
        lambda: store.add([event(number=2)]),
        lambda: store.page(0, 1),
        store.counters,
        store.datasets,
        lambda: store.delete_dataset("cruddur"),
        store.close,
    ):
        with pytest.raises(StorageError, match="can't write"):
            act()
    assert len(caplog.messages) == 1


def _given_up(*_: object) -> None:
    raise duckdb.FatalException("FATAL Error: can't write\nand more")


@pytest.mark.parametrize("character", ["x", "é", "\U0001f40d"])
def test_names_of_fields_are_cut(character: str) -> None:
    """To 1,024 bytes, in whatever script."""
    name = character * 5_000
    fields, _ = fit({name: 1, "short": 2})
    assert fields == {character * (FIELD_NAME_MAX_BYTES // len(character.encode())): 1, "short": 2}


def test_names_with_one_slug_are_one_dataset() -> None:
    """As the address is one; it is named as in its first event."""
    store = EventStore(clock=lambda: 100)
    store.add([event(dataset="my dataset!", a=1), event(dataset="my-dataset-", b=1)])
    (dataset,) = store.datasets()
    assert (dataset.name, dataset.events) == ("my dataset!", 2)
    assert store.dataset("my-dataset-") == dataset
    assert [column.key_name for column in store.columns("my-dataset-")] == ["a", "b", "trace.trace_id"]
