"""What ``FORMAT=json`` prints: the queries there are, a result of Honeycomb, traces as X-Ray has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.queries.files import HoneycombQuery
from scripts.traces.json_form import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef

    from scripts.queries.files import Query, XRayQuery
    from scripts.queries.result import Result


def listing(queries: Mapping[str, Query]) -> str:
    """Return every query as it stands in its file."""
    return to_json(
        {
            "queries": [
                {
                    "name": query.name,
                    "service": query.service,
                    "title": query.title,
                    "description": query.description,
                    "time_range": query.time_range,
                    **(
                        {"query": query.query}
                        if isinstance(query, HoneycombQuery)
                        else {"filter": query.filter}
                    ),
                }
                for query in queries.values()
            ]
        }
    )


def honeycomb(query: HoneycombQuery, dataset: str, found: Result) -> str:
    """Return a result: the query as it was sent, rows and series as Honeycomb has them."""
    return to_json(
        {
            "name": query.name,
            "service": query.service,
            "dataset": dataset,
            "query": found.query,
            "url": found.url,
            "results": found.rows,
            "series": [{"time": point.time, "data": point.data} for point in found.series],
        }
    )


def xray(query: XRayQuery, filter_expression: str, traces: Sequence[TraceSummaryTypeDef]) -> str:
    """Return traces, as X-Ray summarises them, and the filter expression that they match."""
    return to_json(
        {"name": query.name, "service": query.service, "filter": filter_expression, "traces": list(traces)}
    )
