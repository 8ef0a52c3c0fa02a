"""The stored traces of all accounts and regions: one DuckDB, bounded, read and written by several threads."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

import contextlib
import logging
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import duckdb

from localcloud.aws.xray.store.derivers import Deriver
from localcloud.aws.xray.store.deriving import Changed
from localcloud.aws.xray.store.parts import Bounds
from localcloud.aws.xray.store.snapshot import Snapshot
from localcloud.aws.xray.store.sql import Sql
from localcloud.aws.xray.store.tables import Tables
from localcloud.aws.xray.store.windows import Window
from localcloud.databases import open_database
from localcloud.errors import DataError, DataLostError
from xray.names import is_trace_id

FILE_NAME = "xray.duckdb"
MAX_BYTES = 2 * 1024 * 1024 * 1024
"""A million documents of 600 bytes, four in a trace, take about half of it."""
CHUNK_TRACES = 1_000
"""How many traces are inserted at a time, while the next ones are derived."""
MEMORY_LIMIT_BYTES = 3 * 1024 * 1024 * 1024
"""DuckDB's own: what is stored, and what queries need beside it."""

log = logging.getLogger(__name__)


class Writer(Protocol):
    """Who brings the traces of one place."""

    place: str

    def store_all(self) -> None: ...  # noqa: D102


class Database:
    """Traces by place (account and region). Safe to use from several threads.

    `failed_traces` counts those that no facts could be derived from.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        max_bytes: int = MAX_BYTES,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self.failed_traces = 0
        self.closed = False
        self.lock = threading.RLock()
        """Held while traces are written; whoever holds it sees what was taken from memory already stored."""
        self._path = path
        self._adopting = threading.Lock()
        self._writers: weakref.WeakSet[Writer] = weakref.WeakSet()
        self._places: set[str] = set()
        self._left: set[str] = set()
        self._connection = open_database(path, memory_limit_bytes)
        try:
            self._tables = Tables(self._connection, max_bytes)
        except (duckdb.Error, ValueError) as error:
            self._connection.close()
            raise DataError(
                f"{path} holds no traces of this version: remove it, or choose another --data folder"
            ) from error
        self.schema = self._tables.schema
        self._deriver = Deriver(self.schema)

    @property
    def evicted_traces(self) -> int:
        """How many traces went because there was too much."""
        return self._tables.evicted_traces

    def write(
        self,
        place: str,
        account_id: str,
        traces: Sequence[Changed],
        written: Callable[[Sequence[Changed]], object],
    ) -> None:
        """Store traces of one place as they are now; `written` is told of those that are.

        Raises:
            duckdb.Error: DuckDB can't, and traces that `written` wasn't told of are as they were.
        """
        with self.lock:
            self._empty_left_places()
            chunks = [traces[first : first + CHUNK_TRACES] for first in range(0, len(traces), CHUNK_TRACES)]
            with contextlib.closing(self._deriver.rows(place, account_id, chunks)) as derived:
                for chunk, rows in zip(chunks, derived, strict=True):
                    self._tables.insert(rows, place, chunk)
                    self.failed_traces += len(chunk) - int(rows.num_rows)
                    written(chunk)

    def counters(self) -> dict[str, int]:
        """Return how much is stored, and what went because there was too much."""
        return {
            "stored_bytes": self._tables.stored_bytes(),
            "evicted_traces": self.evicted_traces,
            "failed_traces": self.failed_traces,
        }

    @contextlib.contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """Let the caller's thread read the traces as they are now."""
        cursor = self._connection.cursor()
        try:
            with self.lock:
                self._empty_left_places()
                parts = self._tables.snapshot()
                cursor.begin()
                # a transaction begins to see with its first statement
                cursor.execute(f"SELECT 1 FROM {parts[-1].name} LIMIT 0").fetchall()
            yield Snapshot(cursor, parts)
        finally:
            cursor.close()

    def adopt(self, writer: Writer) -> None:
        """Have a writer store what waits before the database is closed; waits for nothing.

        In memory a new writer begins without traces: those of its place are of one that is gone.
        """
        with self._adopting:
            self._writers.add(writer)
            if self._path is None and writer.place in self._places:
                self._left.add(writer.place)
            self._places.add(writer.place)

    def close(self) -> None:
        """Store what waits, and close the database.

        Raises:
            DataLostError: some of it can't be stored; the database is closed all the same.
        """
        reasons: list[str] = []
        with self.lock:
            if self.closed:
                return
            try:
                if self._path is not None:
                    with self._adopting:
                        writers = list(self._writers)
                    reasons = [reason for writer in writers if (reason := _stored(writer)) is not None]
            finally:
                self.closed = True
                self._deriver.stop()
                try:
                    self._connection.close()
                except duckdb.Error as error:
                    reasons.append(first_line(error))
        if reasons:
            raise DataLostError(f"{self._path} can't be written: {reasons[0]}; what came last is lost")

    def _empty_left_places(self) -> None:
        """Delete the traces of places that have a new writer."""
        with self._adopting:
            left, self._left = self._left, set()
        for place in left:
            self._tables.delete_all(place)


def first_line(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def _stored(writer: Writer) -> str | None:
    """Have a writer store what waits; return why it can't."""
    try:
        writer.store_all()
    except Exception as error:
        log.debug("%s can't be stored", writer.place, exc_info=True)
        return first_line(error)
    return None


def of_traces(trace_ids: Iterable[str]) -> Window:
    """Return the traces of these ids; what is no trace's id is none's."""
    wanted = list(filter(is_trace_id, map(str.lower, trace_ids)))
    if not wanted:
        return Window(Sql("false"), Bounds())
    times = [int(trace_id[2:10], 16) for trace_id in wanted]
    low, high = min(times), max(times)
    text = "t.id_time BETWEEN ? AND ? AND t.trace_id IN (SELECT unnest(?::VARCHAR[]))"
    return Window(Sql(text, (low, high, wanted)), Bounds({"id_time": low}, {"id_time": high}))


def find_stored(
    snapshot: Snapshot, place: str, trace_ids: Iterable[str], columns: str
) -> list[tuple[Any, ...]]:
    """Return the columns of those of a place's traces that are stored."""
    condition, bounds = of_traces(trace_ids)
    text = f"SELECT {columns} FROM {snapshot.source(bounds)} t WHERE t.place = ? AND {condition.text}"
    return snapshot.rows(Sql(text, (place, *condition.parameters)))
