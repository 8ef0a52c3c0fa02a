"""Runs a query at Honeycomb: created, run, asked for until it is complete."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from scripts.honeycomb.errors import NotAllowedError, UnknownKeyError
from scripts.honeycomb.links import query_template
from scripts.queries import result, specification
from scripts.queries.window import around

if TYPE_CHECKING:
    from scripts.honeycomb.place import Place
    from scripts.queries.files import HoneycombQuery
    from scripts.queries.result import Result

BARS_MAX = 24
HEATMAP_COLUMNS_MAX = 60
_STEPS_SECONDS = (
    *(1, 2, 5, 10, 15, 20, 30),
    *(60, 120, 180, 300, 600, 900, 1200, 1800),
    *(3600, 7200, 10800, 14400, 21600, 28800, 43200),
)


def prepared(query: HoneycombQuery, since: int | None, now: float) -> dict[str, Any]:
    """Return what is sent: *query* over the last *since* seconds, in parts that fit a terminal.

    Nothing else differs from the file.
    """
    sent = {name: value for name, value in query.query.items() if name not in ("time_range", "granularity")}
    sent["start_time"], sent["end_time"] = around(now, since or query.time_range)
    if has_series(query):
        columns = HEATMAP_COLUMNS_MAX if specification.has_heatmap(sent) else BARS_MAX
        sent["granularity"] = granularity(sent["end_time"] - sent["start_time"], columns)
    return sent


def has_series(query: HoneycombQuery) -> bool:
    """Tell whether values over time are drawn."""
    return query.style != "table" or specification.has_heatmap(query.query)


def granularity(seconds: int, parts: int) -> int:
    """Return the smallest usual number of seconds of which at most *parts* make *seconds*, 7 days at most."""
    return next(step for step in _STEPS_SECONDS if step * parts >= seconds)


def run(place: Place, query: HoneycombQuery, since: int | None) -> Result:
    """Run *query* at *place* and return what came of it.

    Raises NotAllowedError, with the query's link, where key or plan don't allow it to be run by the API, and
    HoneycombError for the rest.
    """
    sent = prepared(query, since, time.time())
    query_id = place.honeycomb.create_query(place.slug, sent)
    try:
        result_id = place.honeycomb.create_result(place.slug, query_id, with_series=has_series(query))
    except (NotAllowedError, UnknownKeyError) as error:
        shown = {**query.query, "time_range": since or query.time_range}
        link = query_template(place.honeycomb.endpoint, place.access, place.slug, shown)
        raise _not_run(error, link) from error
    return result.read(place.honeycomb.result(place.slug, result_id), sent, place.honeycomb.endpoint)


def _not_run(error: NotAllowedError | UnknownKeyError, link: str | None) -> NotAllowedError:
    """Return the error for a team whose plan has no Query Data API: it is a part of Enterprise."""
    return NotAllowedError(
        "Honeycomb has the query and doesn't run it: the key may not Run Queries, or the team's plan has no "
        f"Query Data API, which is a part of Enterprise ({error.message})",
        remedy=f"open {link}" if link else "give the key that permission",
    )
