"""Segments: the parts of the store, each a table that never changes but for events that go."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from localcloud.honeycomb.store.layout import SQL_TYPES, FieldKey, Layout, choose_columns

HEAD = ("seq", "time", "rate", "size", "dataset")
"""The columns of each table before those of fields: numbers of arrival, nanoseconds, bytes."""


@dataclass(frozen=True)
class Segment:
    """A table of events that arrived one after another.

    first, last: numbers of arrival. start, end: times in nanoseconds. rate: the greatest sample rate.
    size: bytes of all events. datasets: events by the dataset's number.
    """

    number: int
    first: int
    last: int
    start: int
    end: int
    rate: int
    events: int
    size: int
    datasets: Mapping[int, int]
    layout: Layout

    @property
    def table(self) -> str:
        """Return the table's name."""
        return f"segment_{self.number}"

    def to_document(self) -> str:
        """Return the segment's description as JSON."""
        layout = self.layout
        return json.dumps(
            {
                **{name: getattr(self, name) for name in _NUMBERS},
                "datasets": list(self.datasets.items()),
                "counts": [[*key, count] for key, count in layout.counts.items()],
                "columns": layout.columns,
                "rest": sorted(layout.rest),
            }
        )

    @classmethod
    def from_document(cls, text: str) -> "Segment":
        """Return the segment that `to_document` described."""
        document = json.loads(text)
        layout = Layout(
            {(name, kind): count for name, kind, count in document["counts"]},
            tuple((name, kind) for name, kind in document["columns"]),
            frozenset((name, kind) for name, kind in document["rest"]),
        )
        numbers = {name: document[name] for name in _NUMBERS}
        return cls(**numbers, datasets=dict(document["datasets"]), layout=layout)


_NUMBERS = ("number", "first", "last", "start", "end", "rate", "events", "size")


def joined(number: int, segments: Sequence[Segment]) -> Segment:
    """Return the description of all these segments' events in one; they follow one another."""
    counts: Counter[FieldKey] = Counter()
    datasets: Counter[int] = Counter()
    for segment in segments:
        counts.update(segment.layout.counts)
        datasets.update(segment.datasets)
    events = sum(segment.events for segment in segments)
    own = {key for segment in segments for key in segment.layout.columns}
    columns = tuple(key for key in choose_columns(counts, events) if key in own)
    rest = set().union(*(segment.layout.rest for segment in segments)) | (own - set(columns))
    return Segment(
        number,
        segments[0].first,
        segments[-1].last,
        min(segment.start for segment in segments),
        max(segment.end for segment in segments),
        max(segment.rate for segment in segments),
        events,
        sum(segment.size for segment in segments),
        datasets,
        Layout(counts, columns, frozenset(rest)),
    )


def without(segment: Segment, floor: int, size: int, gone: Counter[int]) -> Segment:
    """Return the description of what is left of a segment from number `floor` on."""
    left = Counter(segment.datasets)
    left.subtract(gone)
    return replace(
        segment,
        first=floor,
        events=segment.events - gone.total(),
        size=segment.size - size,
        datasets={number: count for number, count in left.items() if count},
    )


def joining_sql(whole: Segment, parts: Sequence[Segment], floor: int) -> tuple[str, list[Any]]:
    """Return the query for the rows of `whole`, in order of arrival; events before `floor` are gone."""
    statements: list[str] = []
    parameters: list[Any] = []
    for part in parts:
        selected = list(HEAD)
        for position, key in enumerate(whole.layout.columns):
            own = part.layout.positions.get(key)
            value = f"NULL::{SQL_TYPES[key[1]]}" if own is None else f"c{own}"
            selected.append(f"{value} AS c{position}")
        if whole.layout.rest:
            rest, names = _rest(part, whole)
            selected.append(f"{rest} AS rest")
            parameters += names
        where = f" WHERE seq >= {floor}" if part.first < floor else ""
        statements.append(f"SELECT {', '.join(selected)} FROM {part.table}{where}")
    return f"{' UNION ALL '.join(statements)} ORDER BY seq", parameters


def _rest(part: Segment, whole: Segment) -> tuple[str, list[str]]:
    """Return SQL for the map of a part's events: what was in it, and what is no column any more."""
    entries: list[str] = []
    names: list[str] = []
    for key, position in part.layout.positions.items():
        if key not in whole.layout.positions:
            members = ", ".join(
                f"'{kind}': {f'c{position}' if kind == key[1] else f'NULL::{SQL_TYPES[kind]}'}"
                for kind in SQL_TYPES
            )
            entries.append(f"CASE WHEN c{position} IS NOT NULL THEN {{'key': ?, 'value': {{{members}}}}} END")
            names.append(key[0])
    had = "rest" if part.layout.rest else f"NULL::{REST_TYPE}"
    if not entries:
        return had, []
    added = f"list_filter([{', '.join(entries)}], lambda entry: entry IS NOT NULL)"
    return f"map_from_entries(list_concat(coalesce(map_entries({had}), []), {added}))", names


REST_TYPE = f"MAP(VARCHAR, STRUCT({', '.join(f'{kind} {name}' for kind, name in SQL_TYPES.items())}))"
