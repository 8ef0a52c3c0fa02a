"""What a reader sees: the traces as they were when it began, whatever is written meanwhile."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

import contextlib
from collections.abc import Sequence
from typing import Any

import duckdb

from localcloud.aws.xray.store.parts import Bounds, Part
from localcloud.aws.xray.store.sql import Fragment
from localcloud.time_limits import at_most

ROWS_AT_ONCE = 100
"""Made into Python's objects without a pause for other threads."""
_LATE = "the time for this read is over"


class Snapshot:
    """A transaction that only reads; of one thread."""

    def __init__(self, cursor: Any, parts: Sequence[Part]) -> None:
        self._cursor = cursor
        self._parts = parts
        self._late = False

    def source(self, bounds: Bounds) -> str:
        """Return a table expression of the traces within the bounds, and perhaps others.

        The column `part` is the number of the part that a trace is in.
        """
        wanted = [part for part in self._parts if part.may_hold(bounds)] or self._parts[-1:]
        return (
            f"({' UNION ALL '.join(f'SELECT {part.number} AS part, * FROM {part.name}' for part in wanted)})"
        )

    def limited(self, seconds: float) -> contextlib.AbstractContextManager[None]:
        """Interrupt a query that goes on, or begins, after so many seconds: it raises InterruptException."""
        return at_most(seconds, self._interrupt)

    def rows(self, query: Fragment) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds."""
        if self._late:
            raise duckdb.InterruptException(_LATE)
        result = self._cursor.execute(query.text, list(query.parameters))
        found: list[tuple[Any, ...]] = []
        while rows := result.fetchmany(ROWS_AT_ONCE):
            found += rows
        return found

    def _interrupt(self) -> None:
        self._late = True
        with contextlib.suppress(duckdb.ConnectionException):  # it may be closed by now
            self._cursor.interrupt()
