"""The store of traces at its limits: of room and time, and where nothing can be written."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.xray.exceptions import InvalidRequestError, ThrottledError
from localcloud.aws.xray.segments_body import DOCUMENTS_MAX, has_too_many
from localcloud.aws.xray.store import pages, windows
from localcloud.aws.xray.store.database import CHUNK_TRACES, Database
from localcloud.aws.xray.store.parts import Bounds
from localcloud.aws.xray.store.sql import Sql
from localcloud.aws.xray.traces import TraceStore
from localcloud.errors import DataLostError
from tests.localcloud.aws.raw import send
from tests.localcloud.aws.segments import START, make_segment, make_trace_id, put

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint

ACCOUNT = "123456789012"
WAIT_SECONDS = 30
ENDLESS = Sql("SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range <> b.range")


@pytest.fixture
def database() -> Iterator[Database]:
    """A database of its own, in memory."""
    opened = Database()
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> TraceStore:
    """A store without traces."""
    return TraceStore("a/1", ACCOUNT, database=database)


def _put(store: TraceStore, *documents: Any) -> None:
    for document in documents:
        assert store.put(json.dumps(document)) is None


def _ask(store: TraceStore, columns: str) -> list[tuple[Any, ...]]:
    with store.reading() as snapshot:
        return snapshot.rows(Sql(f"SELECT {columns} FROM {snapshot.source(Bounds())} t"))  # noqa: S608


def _body(texts: list[str]) -> bytes:
    return json.dumps({"TraceSegmentDocuments": texts}).encode()


@pytest.mark.parametrize("text", ["", "\\", 'a"', json.dumps({"a": [1, "b,\\"], "c": 2})])
def test_documents_of_a_call_are_counted_before_they_are_read(text: str) -> None:
    """A call has up to 10,000 documents, whatever is in them."""
    assert not has_too_many(_body([text] * DOCUMENTS_MAX))
    assert has_too_many(_body([text] * (DOCUMENTS_MAX + 1)))


@pytest.mark.parametrize("item", ["{}", "1", "[]", "null"])
def test_other_values_than_documents_are_counted_too(item: str) -> None:
    """So many values aren't made, whatever they are."""
    values = ",".join([item] * (DOCUMENTS_MAX + 1))
    assert has_too_many(f'{{"TraceSegmentDocuments":[{values}]}}'.encode())


@given(texts=st.lists(st.text(st.sampled_from('"\\,{a')), max_size=30))
def test_the_count_is_that_of_documents(texts: list[str]) -> None:
    """Quotes, commas and backslashes in documents don't count, and no document is missed."""
    with pytest.MonkeyPatch.context() as patch:
        for most in (1, 10, 29):
            patch.setattr("localcloud.aws.xray.segments_body.DOCUMENTS_MAX", most)
            assert has_too_many(_body(texts)) == (len(texts) > most)


def test_a_call_with_too_many_documents_is_refused(endpoint: Endpoint) -> None:
    """The refusal is X-Ray's for a bad request, and says how many there may be."""
    answer = send(endpoint.port, "POST", "/TraceSegments", _body([""] * (DOCUMENTS_MAX + 1)))
    assert (answer.status, answer.code) == (400, "InvalidRequestException")
    assert f"more than {DOCUMENTS_MAX} items" in answer.document()["Message"]
    answer = send(endpoint.port, "POST", "/TraceSegments", _body([""] * DOCUMENTS_MAX))
    assert len(answer.document()["UnprocessedTraceSegments"]) == DOCUMENTS_MAX


def test_a_new_place_waits_for_nobody(database: Database) -> None:
    """A place is used for the first time, and again, while somebody writes for long."""
    made: list[TraceStore] = []

    def make() -> None:
        made.extend(TraceStore("a/2", ACCOUNT, database=database) for _ in range(2))

    thread = threading.Thread(target=make)
    with database.lock:
        thread.start()
        thread.join(WAIT_SECONDS)
        assert len(made) == 2
    thread.join()


def test_a_trace_that_changes_often_takes_nobodys_room() -> None:
    """Rows that were replaced don't count, and their room is used again before other traces go."""
    database = Database(max_bytes=512 * 1024)
    store = TraceStore("a/1", ACCOUNT, database=database)
    ids = [make_trace_id(START + number) for number in range(100)]
    _put(store, *map(make_segment, ids))
    store.store_all()
    before = database.counters()["stored_bytes"]
    hot = make_segment(ids[0], metadata={"a": {"b": "x" * 5_000}})
    for _ in range(300):
        _put(store, hot)
        store.store_all()
    counters = database.counters()
    assert counters["evicted_traces"] == 0
    assert before < counters["stored_bytes"] < before + 20_000
    assert sorted(row[0] for row in _ask(store, "t.trace_id")) == sorted(ids)
    assert _ask(store, "max(t.revision)") == [(301,)]
    database.close()


def test_every_trace_that_changes_keeps_its_room() -> None:
    """Where all traces are replaced over and over, none goes while they fit, and the count is right."""
    database = Database(max_bytes=512 * 1024)
    store = TraceStore("a/1", ACCOUNT, database=database)
    segments = [make_segment(make_trace_id(START + number)) for number in range(200)]
    sizes = []
    for _ in range(30):
        _put(store, *segments)
        store.store_all()
        sizes.append(database.counters()["stored_bytes"])
    assert database.evicted_traces == 0
    assert max(sizes) < 2 * sizes[0]
    assert _ask(store, "count(*)") == [(200,)]
    assert _ask(TraceStore("a/1", ACCOUNT, database=database), "count(*)") == [(0,)]
    assert database.counters()["stored_bytes"] == 0
    database.close()


def test_a_trace_that_is_replaced_doesnt_count_as_gone() -> None:
    """Where the room that a trace needs is that of its own last row, nothing went."""
    database = Database(max_bytes=512 * 1024)
    store = TraceStore("a/1", ACCOUNT, database=database)
    trace_id = make_trace_id()
    for count in (1, 10):
        _put(store, *(make_segment(trace_id, metadata={"a": {"b": "x" * 45_000}}) for _ in range(count)))
        store.store_all()
    assert database.evicted_traces == 0
    assert _ask(store, "len(t.documents)") == [(11,)]
    database.close()


def test_documents_that_change_nothing_are_no_arrival(database: Database) -> None:
    """A document that is ignored, waiting or later, leaves the trace's last arrival as it was."""
    now = START
    store = TraceStore("a/1", ACCOUNT, clock=lambda: now, database=database)
    whole = make_segment(make_trace_id())
    in_progress = {**whole, "in_progress": True}
    del in_progress["end_time"]
    for document in (whole, in_progress):
        _put(store, document)
        now += 1
    assert _ask(store, "t.received_at, t.revision") == [(START, 1)]
    _put(store, in_progress)
    assert _ask(store, "t.received_at, t.revision") == [(START, 1)]
    _put(store, whole)
    assert _ask(store, "t.received_at, t.revision") == [(now, 2)]


def test_what_was_written_isnt_written_again(
    store: TraceStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the database fails in the middle, what is stored by then doesn't wait any more."""
    ids = [make_trace_id(START + number) for number in range(CHUNK_TRACES + 500)]
    _put(store, *map(make_segment, ids))
    tables = database._tables
    insert, calls = tables.insert, []

    def fail(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise duckdb.IOException("the disk is full")
        insert(*arguments)

    monkeypatch.setattr(tables, "insert", fail)
    with pytest.raises(duckdb.IOException):
        store.store_all()
    assert store.waiting_documents == 500
    assert _ask(store, "count(*), count(DISTINCT t.trace_id), max(t.revision)") == [(len(ids), len(ids), 1)]


def test_reads_say_that_nothing_can_be_stored(
    store: TraceStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that can't show what was taken tells why, and the store takes no more until it can."""

    def fail(*_: object) -> None:
        raise duckdb.IOException("the disk is full\nand more")

    _put(store, make_segment(make_trace_id()))
    with monkeypatch.context() as patch:
        patch.setattr(database, "write", fail)
        with pytest.raises(ThrottledError, match=r"the disk is full$"), store.reading():
            pass
    assert store.refusal == "Traces can't be stored: the disk is full"
    assert _ask(store, "count(*)") == [(1,)]
    assert store.refusal is None


def test_closing_tells_what_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one place's traces can't be stored the others' are, and the database is closed all the same."""
    path = tmp_path / "xray.duckdb"
    database = Database(path)
    stores = [TraceStore(f"a/{number}", ACCOUNT, database=database) for number in range(3)]
    for store in stores:
        _put(store, make_segment(make_trace_id()))
    write = database.write

    def fail(place: str, *arguments: Any) -> None:
        if place == "a/1":
            raise duckdb.IOException("the disk is full")
        write(place, *arguments)

    monkeypatch.setattr(database, "write", fail)
    with pytest.raises(DataLostError, match=r"xray\.duckdb can't be written: the disk is full"):
        database.close()
    again = Database(path)
    assert sorted(_ask(TraceStore("a/0", ACCOUNT, database=again), "t.place")) == [("a/0",), ("a/2",)]
    again.close()


def test_a_read_ends(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that goes on for too long is interrupted, and the answer says what to do."""
    monkeypatch.setattr("localcloud.aws.xray.traces.READ_SECONDS", 0.05)
    with pytest.raises(InvalidRequestError, match="shorter range of time"), store.reading() as snapshot:
        snapshot.rows(ENDLESS)
    assert _ask(store, "count(*)") == [(0,)]


def test_large_traces_make_short_pages(xray: XRayClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has as many traces as there may be services and calls on it, one at least; none is left out."""
    monkeypatch.setattr(pages, "ELEMENTS_MAX", 10)
    ids = [make_trace_id(START + number) for number in range(7)]
    for number, trace_id in enumerate(ids):
        root = make_segment(trace_id)
        count = 20 if number == 3 else 1
        documents = [make_segment(trace_id, name=f"s{n}", parent_id=root["id"]) for n in range(count)]
        assert put(xray, [root, *documents]) == []
    found, sizes, token = [], [], ""
    while True:
        more = {"NextToken": token} if token else {}
        answer: Any = xray.get_trace_summaries(StartTime=START, EndTime=START + 60, **more)  # type: ignore[arg-type]
        found += [summary["Id"] for summary in answer["TraceSummaries"]]
        sizes.append(len(answer["TraceSummaries"]))
        token = answer.get("NextToken", "")
        if not token:
            break
    assert found == ids[::-1]
    assert 1 in sizes
    assert 1 < max(sizes) < 7


def test_a_window_without_traces_is_a_page(store: TraceStore) -> None:
    """There is nothing on it, and nothing after it."""
    with store.reading() as snapshot:
        assert pages.page(snapshot, windows.by_trace_id(0, 1), [], None, 10) == ([], False)
