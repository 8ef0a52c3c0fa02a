"""What a reader sees: the segments of one moment."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from localcloud.honeycomb.attributes import Fields
from localcloud.honeycomb.store.model import StoredEvent
from localcloud.honeycomb.store.segments import HEAD, Segment


@dataclass(frozen=True, slots=True)
class View:
    """The segments in order of arrival; events numbered below `floor` are gone.

    names: each dataset's name by its number. cursor: for this reader alone.
    """

    cursor: duckdb.DuckDBPyConnection
    segments: Sequence[Segment]
    floor: int
    names: Mapping[int, str]

    def events(
        self, segments: Iterable[Segment], where: str, parameters: Mapping[str, Any]
    ) -> list[StoredEvent]:
        """Return the events of `segments` that the SQL condition holds for, in order of arrival."""
        found: list[StoredEvent] = []
        for segment in segments:
            found += self._events(segment, where, parameters)
        return found

    def _events(self, segment: Segment, where: str, parameters: Mapping[str, Any]) -> Iterable[StoredEvent]:
        columns = segment.layout.columns
        selected = [*HEAD[1:], *(f"c{position}" for position in range(len(columns)))]
        if segment.layout.rest:
            selected.append("rest")
        rows = self.cursor.execute(
            f"SELECT {', '.join(selected)} FROM {segment.table}"
            f" WHERE seq >= {self.floor} AND {where} ORDER BY seq",
            dict(parameters),
        ).fetchall()
        width = len(HEAD) - 1
        for row in rows:
            time, rate, size, dataset = row[:width]
            fields: Fields = {
                name: value
                for (name, _), value in zip(columns, row[width:], strict=False)
                if value is not None
            }
            if segment.layout.rest and row[-1]:
                for name, members in row[-1].items():
                    fields[name] = next(value for value in members.values() if value is not None)
            yield StoredEvent(self.names[dataset], time, rate, fields, size)
