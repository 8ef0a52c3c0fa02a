"""The segments in the database: made, joined, cut at their oldest end, kept over a restart."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from localcloud.databases import open_database
from localcloud.errors import DataError
from localcloud.honeycomb.store.catalogue import Record
from localcloud.honeycomb.store.segments import Segment, joined, joining_sql, without

MEMORY_LIMIT_BYTES = 4 * 1024**3
SHARE_OF_TABLES = 0.5
"""How much of that tables may take; what it takes to read, join and compress them is beside it."""

SEGMENT_EVENTS = 122_880
"""What a full segment has: one of DuckDB's row groups."""

SEGMENT_BYTES = 256 * 1024**2
"""A segment with so much is full too, by the size of its events."""

JOINED_AT_ONCE = 8
_CATALOGUE = "CREATE TABLE IF NOT EXISTS catalogue (kind VARCHAR, number BIGINT, document VARCHAR)"


class Tables:
    """Writes the database; its owner lets one thread in at a time. Readers have cursors of their own."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection = open_database(path, MEMORY_LIMIT_BYTES)
        self._number = 0

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor for one reader."""
        return self._connection.cursor()

    def restore(self) -> tuple[list[Segment], list[Record], int]:
        """Return what the file has: segments, datasets and the number of the oldest event that is kept.

        Raises:
            DataError: the file has something else.
        """
        if self._path is None:
            return [], [], 0
        try:
            return self._restored()
        except (duckdb.Error, KeyError, TypeError, ValueError) as error:
            self._connection.close()
            raise DataError(
                f"{self._path} has no events of this version: remove it, or choose another --data folder"
            ) from error

    def _restored(self) -> tuple[list[Segment], list[Record], int]:
        self._run(_CATALOGUE)
        rows = self._run("SELECT kind, document FROM catalogue ORDER BY number")
        segments = [Segment.from_document(text) for kind, text in rows if kind == "segment"]
        segments.sort(key=lambda segment: segment.first)
        records = [Record.from_document(json.loads(text)) for kind, text in rows if kind == "dataset"]
        floor = max((json.loads(text) for kind, text in rows if kind == "floor"), default=0)
        self._number = max((segment.number for segment in segments), default=0)
        known = {segment.table for segment in segments}
        rows = self._run("SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, 'segment_')")
        found = {table for (table,) in rows}
        if known - found:
            raise KeyError(min(known - found))
        for table in found - known:
            self._run(f'DROP TABLE "{table}"')
        return segments, records, floor

    def next_number(self) -> int:
        """Return a number for a new segment."""
        self._number += 1
        return self._number

    def create(self, segment: Segment, rows: Any, records: Iterable[Record]) -> None:
        """Make a segment's table from its Arrow table, and keep the datasets as they are now."""
        self._connection.register("arrived", rows)
        try:
            with self._transaction():
                self._run(f"CREATE TABLE {segment.table} AS SELECT * FROM arrived")
                self._keep("segment", segment.number, segment.to_document)
                for record in records:
                    self._keep("dataset", record.number, lambda: json.dumps(record.to_document()))  # noqa: B023
        finally:
            self._connection.unregister("arrived")

    def join(self, parts: Sequence[Segment], floor: int) -> Segment:
        """Make one segment of several that follow one another; their tables stay until they are dropped."""
        whole = joined(self.next_number(), parts)
        if whole.first < floor:
            whole = without(whole, floor, *self.before(parts[0], floor))
        sql, parameters = joining_sql(whole, parts, floor)
        with self._transaction():
            self._run(f"CREATE TABLE {whole.table} AS {sql}", parameters)
            self._keep("segment", whole.number, whole.to_document)
            for part in parts:
                self._forget("segment", part.number)
        return whole

    def is_short_of_memory(self) -> bool:
        """Whether tables take so much memory that little is left for those who read."""
        ((taken,),) = self._run(
            "SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()"
            " WHERE tag IN ('IN_MEMORY_TABLE', 'OVERFLOW_STRINGS')"
        )
        return int(taken) > MEMORY_LIMIT_BYTES * SHARE_OF_TABLES

    def drop(self, segments: Iterable[Segment]) -> None:
        """Remove tables that nobody reads any more."""
        for segment in segments:
            self._run(f"DROP TABLE IF EXISTS {segment.table}")

    def compress(self) -> None:
        """Write new tables compactly. There must be memory for it: without, DuckDB gives up its database."""
        self._run("CHECKPOINT")

    def forget(self, segments: Iterable[Segment], floor: int) -> None:
        """Note that these segments are gone, and that events numbered below `floor` are."""
        with self._transaction():
            for segment in segments:
                self._forget("segment", segment.number)
            self._keep("floor", 0, lambda: json.dumps(floor))

    def size_of(self, segment: Segment, dataset: int, floor: int = 0) -> int:
        """Return how many bytes the events of a dataset have that a segment has from number `floor` on."""
        ((size,),) = self._run(
            f"SELECT coalesce(sum(size), 0)::BIGINT FROM {segment.table} WHERE dataset = ? AND seq >= ?",
            [dataset, floor],
        )
        return int(size)

    def delete(self, segment: Segment, dataset: int) -> Segment:
        """Delete the events of a dataset from a segment, also those that are gone; return what it is then."""
        left = {number: count for number, count in segment.datasets.items() if number != dataset}
        size = self.size_of(segment, dataset)
        rest = replace(segment, datasets=left, events=sum(left.values()), size=segment.size - size)
        with self._transaction():
            self._run(f"DELETE FROM {segment.table} WHERE dataset = ?", [dataset])
            self._keep("segment", rest.number, rest.to_document)
        return rest

    def forget_dataset(self, number: int) -> None:
        """Note that a dataset is gone."""
        self._forget("dataset", number)

    def cut(self, segment: Segment, floor: int, events: int, size: int) -> tuple[int, int, Counter[int]]:
        """Find how far the oldest events of a segment must go: `events` of them, and `size` bytes.

        Returns the number that the oldest event then has at least, how many bytes go, and events by dataset.
        """
        ((last,),) = self._run(
            f"""
            SELECT max(seq) FROM (
                SELECT seq, row_number() OVER arrival AS number, sum(size) OVER arrival - size AS before
                FROM {segment.table} WHERE seq >= ? WINDOW arrival AS (ORDER BY seq)
            ) WHERE number <= ? OR before < ?
            """,
            [floor, events, size],
        )
        new_floor = segment.last + 1 if last is None else last + 1
        return new_floor, *self.before(segment, new_floor, floor)

    def before(self, segment: Segment, end: int, begin: int = 0) -> tuple[int, Counter[int]]:
        """Return how many bytes, and events by dataset, a segment has from number `begin` to before `end`."""
        rows = self._run(
            f"SELECT dataset, count(*), sum(size)::BIGINT FROM {segment.table}"
            " WHERE seq >= ? AND seq < ? GROUP BY dataset",
            [begin, end],
        )
        return sum(row[2] for row in rows), Counter({dataset: count for dataset, count, _ in rows})

    def close(self) -> None:
        """Write everything out and close the database."""
        try:
            if self._path is not None:
                self.compress()
        finally:
            self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def _keep(self, kind: str, number: int, document: Callable[[], str]) -> None:
        if self._path is not None:
            self._forget(kind, number)
            self._run("INSERT INTO catalogue VALUES (?, ?, ?)", [kind, number, document()])

    def _forget(self, kind: str, number: int) -> None:
        if self._path is not None:
            self._run("DELETE FROM catalogue WHERE kind = ? AND number = ?", [kind, number])

    def _run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, list(parameters)).fetchall()


def to_join(segments: Sequence[Segment]) -> int:
    """Return how many of the newest segments should become one; 0 for none.

    Segments of like size are joined when there are eight of them, or when they fill one together: so each
    event is moved a few times, and few segments are left.
    """
    count = 0
    total = 0.0
    for segment in reversed(segments):
        share = max(segment.events / SEGMENT_EVENTS, segment.size / SEGMENT_BYTES)
        if share >= 1 or share > 2 * total > 0:
            break
        count += 1
        total += share
    return count if count >= JOINED_AT_ONCE or (count > 1 and total >= 1) else 0
