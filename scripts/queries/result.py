"""What Honeycomb answered to a query: a row for each group, and each group's values over time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scripts.honeycomb import answers
from scripts.honeycomb.errors import RefusedError
from scripts.queries import specification

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Point:
    """One group's values in the part of the time that begins at `time`."""

    time: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """A query as it ran, the window that it ran over, and what came of it.

    Values stand under a calculation's label or a breakdown's column; what a group hasn't is not there.
    """

    query: Mapping[str, Any]
    begin: datetime
    end: datetime
    rows: Sequence[Mapping[str, Any]]
    series: Sequence[Point]
    url: str | None = None

    @property
    def breakdowns(self) -> list[str]:
        """The columns that groups are made by."""
        return list(self.query.get("breakdowns") or [])

    @property
    def calculations(self) -> list[str]:
        """The labels of what a row has a number for: all calculations but heatmaps."""
        every = specification.calculations(self.query)
        return [specification.label(one) for one in every if one["op"] != specification.HEATMAP]

    @property
    def heatmaps(self) -> list[str]:
        """The labels of the heatmaps."""
        every = specification.calculations(self.query)
        return [specification.label(one) for one in every if one["op"] == specification.HEATMAP]

    @property
    def granularity(self) -> int:
        """The seconds that a point of the series stands for; the whole window where there is no series."""
        return int(self.query.get("granularity") or (self.end - self.begin).total_seconds())

    def group(self, data: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return which group *data* is of; a value that is a list or an object counts as its JSON."""
        return tuple(_hashable(data.get(column)) for column in self.breakdowns)


def read(told: Mapping[str, Any], query: Mapping[str, Any], endpoint: str) -> Result:
    """Return *told*, the complete result of *query*, which has start and end, as a Result.

    Raises RefusedError where the query failed, and NotHoneycombError for what is no result.
    """
    if told.get("error"):
        raise RefusedError(
            f"Honeycomb could not run the query: {_words(told['error'])}",
            remedy="where a column is unknown, send first what has it; else set a shorter SINCE, or retry",
        )
    data = told.get("data")
    links = told.get("links")
    if not isinstance(data, dict):
        raise answers.not_honeycomb(endpoint, "a result without data")
    try:
        rows = [_object(one["data"]) for one in data.get("results") or []]
        series = [Point(_time(one["time"]), _object(one["data"])) for one in data.get("series") or []]
    except (KeyError, TypeError, ValueError) as error:
        raise answers.not_honeycomb(endpoint, f"a result of another form: {type(error).__name__}") from error
    url = links.get("query_url") if isinstance(links, dict) else None
    begin, end = (datetime.fromtimestamp(query[name], UTC) for name in ("start_time", "end_time"))
    return Result(query, begin, end, rows, series, str(url) if url else None)


def _words(error: object) -> str:
    return " ".join(str(error).split())[: answers.WORDS_MAX_CHARACTERS]


def _object(told: object) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise TypeError(told)
    return told


def _hashable(value: object) -> object:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    try:
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except OverflowError:  # in the calendar's first or last hours: far outside of the window all the same
        return time.replace(tzinfo=UTC)
