"""The store of traces: what it keeps, replaces, drops and survives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from localcloud.aws.xray.documents import trace_to_api
from localcloud.aws.xray.store import pages, windows
from localcloud.aws.xray.store.database import Database
from localcloud.aws.xray.store.merging import TRACE_MAX_BYTES
from localcloud.aws.xray.store.reading import DOCUMENT_DEPTH_MAX
from localcloud.aws.xray.store.sql import Sql
from localcloud.aws.xray.traces import SLICE_DOCUMENTS, TraceStore
from localcloud.errors import DataError
from tests.localcloud.aws.segments import START, make_segment, make_trace_id
from xray.segments import SUBSEGMENT_DEPTH_MAX
from xray.traces import derive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = "123456789012"


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return float(self.now)


@pytest.fixture
def clock() -> Clock:
    """A time that stands still."""
    return Clock()


@pytest.fixture
def database() -> Iterator[Database]:
    """A database of its own, in memory."""
    opened = Database()
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database, clock: Clock) -> TraceStore:
    """A store without traces."""
    return TraceStore("a/1", ACCOUNT, clock=clock, database=database)


def _put(store: TraceStore, *documents: Any) -> None:
    for document in documents:
        assert store.put(json.dumps(document)) is None


def _ids(store: TraceStore) -> list[str]:
    window = windows.by_trace_id(0, 2**32)
    with store.reading() as snapshot:
        found = pages.keys(snapshot, window, [pages.of_place(store.place)], None, limit=100_000)
    return [trace_id for _, trace_id in found]


def _facts(store: TraceStore, trace_id: str) -> pages.FoundTrace:
    with store.reading() as snapshot:
        (found,) = pages.traces(snapshot, store.place, [(int(START), trace_id)])
    return found


def test_a_reader_finds_what_was_taken_before(store: TraceStore) -> None:
    """What waits is stored when somebody reads, more than one slice of it too."""
    ids = [make_trace_id(START + number % 60) for number in range(SLICE_DOCUMENTS + 10)]
    _put(store, *map(make_segment, ids))
    assert store.waiting_documents == len(ids)
    assert sorted(_ids(store)) == sorted(ids)
    assert store.waiting_documents == 0


def test_a_trace_that_changes_takes_its_place(store: TraceStore, clock: Clock) -> None:
    """Documents that come after a trace was stored change it: there is one row, with facts of all of them."""
    trace_id = make_trace_id()
    root = make_segment(trace_id, end_time=None, in_progress=True)
    _put(store, root)
    assert _facts(store, trace_id).facts.partial
    clock.now += 5
    late = make_segment(trace_id, name="db", parent_id=root["id"])
    _put(store, make_segment(trace_id, id=root["id"], fault=True), late)
    assert _ids(store) == [trace_id]
    changed = _facts(store, trace_id)
    assert (changed.revision, changed.facts.partial, changed.facts.fault) == (3, False, True)
    assert [service.name for service in changed.facts.services] == ["web", "db"]
    assert [json.loads(text)["name"] for text in store.find([trace_id])[0].texts] == ["web", "db"]


def test_a_snapshot_stays_as_it_was(store: TraceStore) -> None:
    """What is written, and dropped, while somebody reads isn't seen by that reader."""
    first, second = make_trace_id(), make_trace_id()
    _put(store, make_segment(first))
    window = windows.by_trace_id(START, START + 1)
    with store.reading() as snapshot:
        _put(store, make_segment(second), make_segment(first))
        assert len(_ids(store)) == 2
        assert [key[1] for key in pages.keys(snapshot, window, [], None, limit=10)] == [first]


def test_places_are_apart_and_begin_empty(database: Database, store: TraceStore) -> None:
    """A place doesn't see another's traces; in memory a new store of a place has none of the old one's."""
    other = TraceStore("a/2", ACCOUNT, database=database)
    trace_id = make_trace_id()
    _put(store, make_segment(trace_id))
    _put(other, make_segment(trace_id, name="other"))
    assert (_ids(store), _ids(other)) == ([trace_id], [trace_id])
    assert _facts(other, trace_id).facts.services[0].name == "other"
    assert _ids(TraceStore("a/1", ACCOUNT, database=database)) == []
    assert _ids(other) == [trace_id]


def test_only_traces_that_are_quiet_are_stored_in_passing(store: TraceStore, clock: Clock) -> None:
    """A slice in passing takes the traces to which nothing came for a while, and leaves the others."""
    quiet, busy = make_trace_id(), make_trace_id()
    _put(store, make_segment(busy), make_segment(quiet))
    clock.now += 2
    _put(store, make_segment(busy))
    assert store.store_slice(1.0)
    assert store.waiting_documents == 2
    assert not store.store_slice(1.0)


@pytest.mark.parametrize("members", [{}, {"metadata": {"a": {"b": [{}] * 15_000}}}])
def test_store_is_bounded(clock: Clock, members: dict[str, Any]) -> None:
    """When there are too many bytes the oldest traces go, whole and counted, and the latest stay."""
    database = Database(max_bytes=512 * 1024)
    store = TraceStore("a/1", ACCOUNT, clock=clock, database=database)
    ids = [make_trace_id(START + number) for number in range(40 if members else 2_000)]
    step = 1 if members else 20
    for start in range(0, len(ids), step):
        _put(store, *(make_segment(trace_id, **members) for trace_id in ids[start : start + step]))
        store.store_all()
    kept = list(reversed(_ids(store)))
    assert kept == ids[-len(kept) :]
    assert 5 <= len(kept) < len(ids) * 3 / 4
    counters = database.counters()
    assert counters["evicted_traces"] == len(ids) - len(kept)
    assert 0 < counters["stored_bytes"] <= 512 * 1024
    database.close()


def test_memory_is_bounded(clock: Clock) -> None:
    """Where DuckDB's own memory is full before the bound is, the oldest traces go as well."""
    database = Database(max_bytes=512 * 1024 * 1024, memory_limit_bytes=64 * 1024 * 1024)
    store = TraceStore("a/1", ACCOUNT, clock=clock, database=database)
    ids = [make_trace_id(START + number) for number in range(3_000)]
    for start in range(0, len(ids), 500):
        documents = (
            make_segment(trace_id, metadata={"a": {"b": "x" * 40_000}})
            for trace_id in ids[start : start + 500]
        )
        _put(store, *documents)
        store.store_all()
    assert database.evicted_traces > 0
    assert ids[-1] in _ids(store)
    database.close()


def test_deeply_nested_documents(store: TraceStore) -> None:
    """What is nested too deeply to be read back inside its segments is refused; the deepest taken is read."""
    trace_id = make_trace_id()
    parent = None
    for _ in range(SUBSEGMENT_DEPTH_MAX):
        segment = make_segment(trace_id, type=parent and "subsegment", parent_id=parent)
        _put(store, segment)
        parent = segment["id"]
    last = make_segment(trace_id, type="subsegment", parent_id=parent, metadata={"a": {"b": "%"}})
    brackets = DOCUMENT_DEPTH_MAX - 3
    text = json.dumps(last).replace('"%"', '["]", ' + "[" * (brackets - 1) + "]" * brackets)
    assert store.put(text) is None
    (trace,) = store.find([trace_id])
    assert "[" * (brackets - 1) in trace_to_api(trace)["Segments"][0]["Document"]
    deeper = store.put(text.replace('["]"', '[["]"').replace("]}", "]]}"))
    assert deeper is not None
    assert deeper.problem.code == "InvalidSegment"


def test_one_trace_is_bounded(store: TraceStore) -> None:
    """A trace over its limit takes no more, and says so, also for what comes after it was stored."""
    trace_id = make_trace_id()
    for _ in range(20):
        _put(store, make_segment(trace_id, metadata={"x": {"y": "y" * 50_000}}))
    (trace,) = store.find([trace_id])
    assert trace.limit_exceeded
    assert 400_000 < sum(map(len, trace.texts)) <= TRACE_MAX_BYTES
    _put(store, make_segment(trace_id, metadata={"x": {"y": "y" * 50_000}}))
    (after,) = store.find([trace_id])
    assert after == trace


def test_traces_survive_in_a_file(tmp_path: Path, clock: Clock) -> None:
    """With a file, what was taken is there after the next start, what waited too, and can go on changing."""
    path = tmp_path / "made" / "xray.duckdb"
    first, second = make_trace_id(START), make_trace_id(START + 1)
    database = Database(path)
    store = TraceStore("a/1", ACCOUNT, clock=clock, database=database)
    _put(store, make_segment(first))
    assert _ids(store) == [first]
    _put(store, make_segment(second))
    database.close()
    database = Database(path)
    store = TraceStore("a/1", ACCOUNT, clock=clock, database=database)
    assert _ids(store) == [second, first]
    _put(store, make_segment(first, name="late"))
    assert _facts(store, first).revision == 2
    database.close()


def test_old_parts_of_a_file_are_bounded(tmp_path: Path, clock: Clock) -> None:
    """What a file holds counts towards the bound after the next start."""
    path = tmp_path / "xray.duckdb"
    ids = [make_trace_id(START + number) for number in range(2_000)]
    for begin in (0, 1_000):
        database = Database(path, max_bytes=512 * 1024)
        store = TraceStore("a/1", ACCOUNT, clock=clock, database=database)
        for start in range(begin, begin + 1_000, 50):
            _put(store, *map(make_segment, ids[start : start + 50]))
            store.store_all()
        kept = _ids(store)
        database.close()
    assert kept == list(reversed(ids[-len(kept) :]))
    assert len(kept) < 1_500


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    """What is no database of ours is told in one line that names the file and the way out."""
    path = tmp_path / "xray.duckdb"
    path.write_bytes(b"x" * 20_000)
    with pytest.raises(DataError, match=r"xray\.duckdb is no DuckDB database") as refused:
        Database(path)
    assert "\n" not in str(refused.value)
    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE traces_1 (a INTEGER)")
    with pytest.raises(DataError, match="holds no traces of this version"):
        Database(path)
    path.unlink()
    Database(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE traces_1 DROP COLUMN edges")
        connection.execute("ALTER TABLE traces_1 ADD COLUMN edges INTEGER")
    with pytest.raises(DataError, match="holds no traces of this version"):
        Database(path)
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(DataError, match="--data"):
        Database(blocked / "xray.duckdb")


def test_nothing_but_the_file_is_reached(tmp_path: Path, database: Database) -> None:
    """A statement can't read other files, whatever came into it."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with database.reading() as snapshot, pytest.raises(duckdb.Error, match="disabled by configuration"):
        snapshot.rows(Sql("SELECT * FROM read_csv(?)", (str(secret),)))


def test_a_trace_that_cant_be_derived_is_counted(
    store: TraceStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should facts fail for one trace, the others are stored, and it is counted."""
    bad, good = make_trace_id(), make_trace_id()

    def fail(documents: Any, account_id: str) -> Any:
        found = list(documents)
        if found[0]["trace_id"] == bad:
            raise ValueError("a fault of ours")
        return derive(found, account_id)

    monkeypatch.setattr("localcloud.aws.xray.store.deriving.derive", fail)
    _put(store, make_segment(bad), make_segment(good))
    assert _ids(store) == [good]
    assert database.counters()["failed_traces"] == 1


def test_what_cant_be_stored_waits_on(
    store: TraceStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the database fail, nothing is lost: what was taken waits, before what comes later."""
    trace_id, other = make_trace_id(), make_trace_id()
    segment = make_segment(trace_id, end_time=None, in_progress=True)
    _put(store, segment, make_segment(other))

    def fail(*_: object) -> None:
        _put(store, make_segment(trace_id, id=segment["id"], fault=True))
        raise duckdb.IOException("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(database, "write", fail)
        with pytest.raises(duckdb.IOException):
            store.store_all()
    assert store.waiting_documents == 3
    assert sorted(_ids(store)) == sorted([trace_id, other])
    assert store.waiting_documents == 0
    assert _facts(store, trace_id).facts.fault


def test_a_reader_waits_for_no_later_documents(
    store: TraceStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents that go on coming while somebody reads don't keep that reader, nor hide what came before."""
    ids = [make_trace_id(START + number) for number in range(3)]
    _put(store, *map(make_segment, ids))
    write = database.write

    def write_slowly(*arguments: Any) -> None:
        _put(store, *map(make_segment, [*ids, make_trace_id()]))
        write(*arguments)

    monkeypatch.setattr(database, "write", write_slowly)
    monkeypatch.setattr("localcloud.aws.xray.traces.SLICE_DOCUMENTS", 1)
    store.store_all()
    with database.reading() as snapshot:
        assert pages.count(snapshot, windows.by_trace_id(0, 2**32), []) == 3
