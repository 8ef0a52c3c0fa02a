"""The parts' tables in the database: made, filled, written anew and dropped, so that they stay bounded.

Rows are only added, to one part after the other, and a trace that changes is deleted where it was and added
anew. When there are too many bytes a part that is mostly of deleted rows is written anew, or else the oldest
one dropped whole.
"""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from localcloud.aws.xray.store.columns import BOUNDED, create_table
from localcloud.aws.xray.store.deriving import Changed
from localcloud.aws.xray.store.parts import PREFIX, Part

PARTS = 16
"""Into how many parts the bound is divided; so much of it goes at a time."""
FACT_BYTES = 300
"""What a service or an edge takes, by estimate, where a file doesn't tell how much went in."""
_TEXT_BYTES = "coalesce(sum(list_sum(list_transform(documents, lambda text: octet_length(text)))), 0)"
_SAMPLE = Part(0)
_REWRITTEN = "rewritten"
_Replaced = Mapping[int, Sequence[Changed]]
"""By a part's number the traces that are in it, as they were."""

log = logging.getLogger(__name__)


class Tables:
    """The parts, oldest first; used by one thread at a time. `evicted_traces` counts what was dropped."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, max_bytes: int) -> None:
        """Find the parts that are there.

        Raises:
            duckdb.Error, ValueError: there are others' tables.
        """
        self.evicted_traces = 0
        self._connection = connection
        self._max_bytes = max_bytes
        self.schema = self._empty_schema()
        self._parts = self._find() or [self._new(1)]

    def snapshot(self) -> list[Part]:
        """Return the parts as they are now."""
        return [replace(part, ranges=dict(part.ranges)) for part in self._parts]

    def stored_bytes(self) -> int:
        """Return how many bytes the stored traces have."""
        return round(sum(part.size_bytes for part in list(self._parts)))

    def insert(self, rows: Any, place: str, traces: Sequence[Changed]) -> None:
        """Store rows of traces in place of those that were there.

        Raises:
            duckdb.Error: they can't be stored, and no trace was changed.
        """
        replaced: dict[int, list[Changed]] = {}
        for trace in traces:
            if trace.revision:
                replaced.setdefault(trace.part, []).append(trace)
        self._make_room(rows.nbytes, replaced)
        while not self._insert(rows, place, replaced):
            log.warning("DuckDB's memory is full: the oldest traces go")
            self._drop_oldest(replaced)

    def delete_all(self, place: str) -> None:
        """Delete all traces of a place."""
        for part in self._parts:
            (text_bytes,) = self._one(f"SELECT {_TEXT_BYTES} FROM {part.name} WHERE place = ?", place)
            if text_bytes:
                self._connection.execute(f"DELETE FROM {part.name} WHERE place = ?", [place])
                part.shrink(int(text_bytes))

    def _insert(self, rows: Any, place: str, replaced: _Replaced) -> bool:
        """Store rows; return False where there is no memory, but parts that can be dropped."""
        latest = self._parts[-1]
        touched = [part for part in self._parts if part.number in replaced]
        self._connection.register("incoming", rows)
        try:
            with self._transaction():
                for part in touched:
                    self._delete(part, place, replaced[part.number])
                self._connection.execute(f"INSERT INTO {latest.name} SELECT * FROM incoming")
        except duckdb.OutOfMemoryException:
            if len(self._parts) == 1:
                raise
            return False
        finally:
            self._connection.unregister("incoming")
        for part in touched:
            part.shrink(sum(len(text) for trace in replaced[part.number] for text in trace.stored))
        latest.grow(rows)
        return True

    def _delete(self, part: Part, place: str, traces: Sequence[Changed]) -> None:
        ids = [trace.trace_id for trace in traces]
        times = [int(trace_id[2:10], 16) for trace_id in ids]
        self._connection.execute(
            f"DELETE FROM {part.name} t WHERE t.place = ? AND t.id_time BETWEEN ? AND ?"
            " AND t.trace_id IN (SELECT unnest(?::VARCHAR[]))",
            [place, min(times), max(times), ids],
        )

    def _make_room(self, size_bytes: int, replaced: _Replaced) -> None:
        latest = self._parts[-1]
        share = self._max_bytes // PARTS
        if latest.taken_bytes + size_bytes > share and latest.mostly_dead:
            self._rewrite(latest)
        if latest.size_bytes and latest.taken_bytes + size_bytes > share:
            self._parts.append(self._new(latest.number + 1))
        while (
            len(self._parts) > 1
            and sum(part.taken_bytes for part in self._parts) + size_bytes > self._max_bytes
        ):
            dead = next((part for part in self._parts if part.mostly_dead), None)
            if dead is None or not self._rewrite(dead):
                self._drop_oldest(replaced)

    def _rewrite(self, part: Part) -> bool:
        """Write a part anew without the deleted rows; return False where there is no memory to do it."""
        if not part.text_bytes and part is not self._parts[-1]:
            self._connection.execute(f"DROP TABLE {part.name}")
            self._parts.remove(part)
            return True
        try:
            with self._transaction():
                self._connection.execute(f"CREATE TABLE {_REWRITTEN} AS SELECT * FROM {part.name}")
                self._connection.execute(f"DROP TABLE {part.name}")
                self._connection.execute(f"ALTER TABLE {_REWRITTEN} RENAME TO {part.name}")
        except duckdb.OutOfMemoryException:
            return False
        part.dead_bytes = 0
        return True

    def _drop_oldest(self, replaced: _Replaced) -> None:
        """Drop a part; traces in it that are about to be replaced don't go."""
        oldest = self._parts[0]
        (count,) = self._one(f"SELECT count(*) FROM {oldest.name}")
        self._connection.execute(f"DROP TABLE {oldest.name}")
        del self._parts[0]
        self.evicted_traces += count - len(replaced.get(oldest.number, ()))

    def _new(self, number: int) -> Part:
        part = Part(number)
        self._connection.execute(create_table(part.name))
        return part

    def _find(self) -> list[Part]:
        """Return the parts that the file has, oldest first."""
        names = self._connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, ?)", [PREFIX]
        ).fetchall()
        parts = sorted(
            (Part(int(name.removeprefix(PREFIX))) for (name,) in names), key=lambda part: part.number
        )
        for part in parts:
            self._read(part)
        return parts

    def _empty_schema(self) -> Any:
        """Return the Arrow schema of a part, made and unmade again."""
        self._connection.begin()
        self._connection.execute(create_table(_SAMPLE.name))
        schema = self._connection.table(_SAMPLE.name).limit(0).to_arrow_table().schema
        self._connection.rollback()
        return schema

    def _read(self, part: Part) -> None:
        if self._connection.table(part.name).limit(0).to_arrow_table().schema != self.schema:
            raise ValueError(f"{part.name} has other columns")
        ranges = ", ".join(f"min({column}), max({column})" for column in BOUNDED)
        facts = f"sum({FACT_BYTES} * (len(services) + len(edges)))"
        count, text_bytes, fact_bytes, *values = self._one(
            f"SELECT count(*), {_TEXT_BYTES}, {facts}, {ranges} FROM {part.name}"
        )
        if count:
            part.text_bytes = int(text_bytes)
            part.size_bytes = int(text_bytes + fact_bytes)
            part.ranges = dict(zip(BOUNDED, zip(values[::2], values[1::2], strict=True), strict=True))

    def _one(self, text: str, *parameters: Any) -> tuple[Any, ...]:
        (row,) = self._connection.execute(text, list(parameters)).fetchall()
        return tuple(row)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.begin()
        try:
            yield
            self._connection.commit()
        except BaseException:
            # a commit that fails has ended the transaction itself
            with contextlib.suppress(duckdb.TransactionException):
                self._connection.rollback()
            raise
