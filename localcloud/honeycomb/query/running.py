"""Runs the statements of a query, and shapes what they give."""

import math
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import duckdb
import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

from localcloud.honeycomb.query.aggregates import BUCKET, Plan
from localcloud.honeycomb.query.errors import QueryFailed
from localcloud.honeycomb.query.heatmaps import bins_for, shown_bins
from localcloud.honeycomb.query.model import Calculation
from localcloud.honeycomb.query.size import BIN_BYTES, NUMBER_BYTES, POINT_BYTES, ResultSize, size_of
from localcloud.honeycomb.query.statements import GROUPS, Statements
from localcloud.honeycomb.query.values import WHOLE_BELOW
from localcloud.honeycomb.store.batch import ARROW_TYPES

SECONDS_MAX = 10.0
"""How long a query may run (Honeycomb API, Query Data)."""

ROWS_AT_ONCE = 100
"""What is read of an answer before its length is looked at."""

SERIES_MAX = 100_000
"""Most values of a series, and bins of a heatmap, in one result."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a query answers, in the shape of Honeycomb's `data`.

    series: `{"time": "2021-04-09T14:16:00Z", "data": {...}}`, one for each part of the time and group in
        which there were events, by time; empty where it was not wanted.
    results: `{"data": {"COUNT": 20, "P99(duration_ms)": 857.03, "name": "GET /"}}`, one for each group.

    What has no value, such as a breakdown that the group's events haven't, is not in `data`. A heatmap's
    value is a list: see `heatmaps`.
    """

    series: list[dict[str, Any]]
    results: list[dict[str, Any]]


class Deadline:
    """Ends a reader's statement when a query has taken its time."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._end = time.monotonic() + SECONDS_MAX
        self._timer = threading.Timer(SECONDS_MAX, self._cursor.interrupt)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return a statement's rows, by name of column."""
        if time.monotonic() > self._end:
            raise QueryFailed(_TOO_LONG)
        used = {name: parameters[name] for name in set(_PARAMETER.findall(sql))}
        try:
            found = self._cursor.execute(sql, used)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in _fetched(found)]
        except duckdb.InterruptException as error:
            raise QueryFailed(_TOO_LONG) from error
        except duckdb.OutOfMemoryException as error:
            raise QueryFailed(
                "the query needs too much memory: use fewer groups or a shorter time"
            ) from error
        except duckdb.Error as error:
            raise QueryFailed(f"the query can't be computed: {str(error).splitlines()[0]}") from error

    def register(self, name: str, table: Any) -> None:
        """Make an Arrow table known to the statements."""
        self._cursor.register(name, table)


def _fetched(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """Yield the rows. Raises QueryFailed where their texts are too long for a result."""
    size = ResultSize()
    while part := found.fetchmany(ROWS_AT_ONCE):
        for row in part:
            size.add(sum(len(value) for value in row if isinstance(value, str)))
        yield from part


_TOO_LONG = f"query timed out after {SECONDS_MAX:.0f} seconds: use a shorter time or more filters"
_PARAMETER = re.compile(r"\$(p\d+)")


class Run:
    """Runs the statements of a query, and puts their rows together."""

    def __init__(self, statements: Statements, deadline: Deadline) -> None:
        self._statements = statements
        self._deadline = deadline
        self._size = ResultSize()
        self._group_bytes: list[int] = []
        self._heatmaps = [one for one in statements.query.calculations if one.op == "HEATMAP"]

    def result(self, limit: int, disable_series: bool) -> Result:
        """Return at most `limit` groups, and their series."""
        sql, made = self._statements.results(limit)
        labels = self._label_bytes(made)
        rows = self._rows(sql)
        groups = [
            {key.name: value for key in self._statements.keys if (value := key.shown(row)) is not None}
            for row in rows
        ]
        self._group_bytes = [size_of(group) for group in groups]
        for size in self._group_bytes:
            self._size.add(size + labels)
        results = [group | _values(made, row) for group, row in zip(groups, rows, strict=True)]
        points: dict[tuple[int, int], dict[str, Any]] = {}
        if rows and (self._heatmaps or not disable_series):
            self._register(rows)
            if not disable_series:
                points = self._points(groups)
            for heatmap in self._heatmaps:
                self._add_heatmap(heatmap, groups, results, None if disable_series else points)
        step = self._statements.window.granularity
        series = [
            {"time": _rfc3339(bucket * step), "data": points[bucket, number]}
            for bucket, number in sorted(points)
        ]
        return Result(series, [{"data": data} for data in results])

    def _points(self, groups: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], dict[str, Any]]:
        sql, made = self._statements.series(SERIES_MAX + 1)
        labels = self._label_bytes(made)
        points = {}
        for row in self._bounded(sql):
            number = row["number"]
            self._size.add(POINT_BYTES + self._group_bytes[number] + labels)
            points[row[BUCKET], number] = groups[number] | _values(made, row)
        return points

    @staticmethod
    def _label_bytes(made: Plan) -> int:
        """Return how long the calculations' names and values are, at most."""
        return sum(size_of({one.label: 0}) + NUMBER_BYTES for one in made.results)

    def _add_heatmap(
        self,
        heatmap: Calculation,
        groups: Sequence[Mapping[str, Any]],
        results: Sequence[dict[str, Any]],
        points: dict[tuple[int, int], dict[str, Any]] | None,
    ) -> None:
        column = heatmap.column or ""
        ((least, greatest),) = [row.values() for row in self._rows(self._statements.bounds(column))]
        if least is None:
            return
        bins = bins_for(least, greatest)

        label_bytes = size_of({heatmap.label: []})

        def counted(*, is_series: bool) -> dict[Any, list[tuple[int, int]]]:
            found: dict[Any, list[tuple[int, int]]] = {}
            sql = self._statements.bins(column, bins, is_series=is_series, limit=SERIES_MAX + 1)
            for row in self._bounded(sql):
                place = (row[BUCKET], row["number"]) if is_series else row["number"]
                self._size.add(BIN_BYTES)
                found.setdefault(place, []).append((row["bin"], row["count"]))
            return found

        for number, counts in counted(is_series=False).items():
            self._size.add(label_bytes)
            results[number][heatmap.label] = shown_bins(counts, bins.width)
        if points is not None:
            for (bucket, number), counts in counted(is_series=True).items():
                self._size.add(label_bytes)
                point = points.get((bucket, number))
                if point is None:
                    self._size.add(POINT_BYTES + self._group_bytes[number])
                    point = points[bucket, number] = dict(groups[number])
                point[heatmap.label] = shown_bins(counts, bins.width)

    def _register(self, rows: Sequence[Mapping[str, Any]]) -> None:
        arrays = {"number": pa.array(range(len(rows)), pa.int64())}
        for key in self._statements.keys:
            for kind, column in key.columns.items():
                arrays[column] = pa.array([row[column] for row in rows], ARROW_TYPES[kind])
        self._deadline.register(GROUPS, pa.table(arrays))

    def _bounded(self, sql: str) -> list[dict[str, Any]]:
        rows = self._rows(sql)
        if len(rows) > SERIES_MAX:
            raise QueryFailed(
                f"the result has more than {SERIES_MAX} values: use fewer groups, a greater granularity, "
                "or disable_series"
            )
        return rows

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return self._deadline.rows(sql, self._statements.parameters.values)


def _values(made: Plan, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row has for each calculation, whole numbers without a point, as Go writes them."""
    values = {}
    for calculation, column in made.results.items():
        value = row[column]
        if value is None:
            continue
        if not math.isfinite(value):
            raise QueryFailed(f"{calculation.label} is greater than a 64-bit float can hold")
        is_whole = isinstance(value, float) and value.is_integer() and abs(value) < WHOLE_BELOW
        values[calculation.label] = int(value) if is_whole else value
    return values


def _rfc3339(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
