"""The events that a query looks at, as SQL."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters
from collections.abc import Collection, Iterable, Mapping

from localcloud.honeycomb.numbers import NANOSECONDS
from localcloud.honeycomb.query.values import Parameters, Value
from localcloud.honeycomb.query.window import Window
from localcloud.honeycomb.store.layout import SQL_TYPES
from localcloud.honeycomb.store.segments import Segment
from localcloud.honeycomb.store.view import View


class Source:
    """The rows of a dataset's events in a window: `time`, `rate`, and columns for the fields asked for.

    Only segments that overlap the window are read.
    """

    def __init__(
        self, view: View, datasets: Collection[int], window: Window, names: Iterable[str], bind: Parameters
    ) -> None:
        self._bind = bind
        self._start = window.start * NANOSECONDS
        self._end = window.end * NANOSECONDS
        self._floor = view.floor
        self._datasets = datasets
        self._segments = [segment for segment in view.segments if self._reads(segment)]
        self._names = list(dict.fromkeys(names))
        self._kinds = {name: [kind for kind in SQL_TYPES if self._has(name, kind)] for name in self._names}

    @property
    def rate(self) -> int:
        """The greatest sample rate that an event can have."""
        return max((segment.rate for segment in self._segments), default=1)

    def values(self) -> Mapping[str, Value]:
        """Return the SQL for each field's value, over the rows of `sql`."""
        return {
            name: Value(**{_MEMBERS[kind]: f"v{number}_{kind}" for kind in self._kinds[name]})
            for number, name in enumerate(self._names)
        }

    def sql(self) -> str:
        """Return the query for the rows."""
        if not self._segments:
            return "SELECT 0::BIGINT AS time, 1::INTEGER AS rate WHERE false"
        return " UNION ALL ".join(self._rows(segment) for segment in self._segments)

    def _reads(self, segment: Segment) -> bool:
        return (
            segment.start < self._end
            and segment.end >= self._start
            and any(number in segment.datasets for number in self._datasets)
        )

    def _has(self, name: str, kind: str) -> bool:
        return any((name, kind) in segment.layout.counts for segment in self._segments)

    def _rows(self, segment: Segment) -> str:
        selected = ["time", "rate"]
        for number, name in enumerate(self._names):
            for kind in self._kinds[name]:
                value = segment.layout.value((name, kind), self._bind.bind)
                selected.append(f"{value or f'NULL::{SQL_TYPES[kind]}'} AS v{number}_{kind}")
        conditions = []
        if segment.start < self._start:
            conditions.append(f"time >= {self._start}")
        if segment.end >= self._end:
            conditions.append(f"time < {self._end}")
        if segment.first < self._floor:
            conditions.append(f"seq >= {self._floor}")
        if not all(number in self._datasets for number in segment.datasets):
            conditions.append(f"dataset IN ({', '.join(map(str, self._datasets))})")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {', '.join(selected)} FROM {segment.table}{where}"


_MEMBERS = {"t": "text", "i": "integer", "f": "real", "b": "flag"}
