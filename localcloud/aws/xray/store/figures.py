"""What services and calls add up to, as SQL: one row for each, with a histogram of its response times.

A segment in progress makes its service known but counts for nothing. Response times are rounded, up to a
second to milliseconds and beyond to three digits, so that a histogram of them has an end.
"""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

from collections.abc import Iterable
from typing import Any, NamedTuple

from localcloud.aws.xray.store.snapshot import Snapshot
from localcloud.aws.xray.store.sql import Fragment, Sql, all_of
from localcloud.aws.xray.store.windows import Window

_COUNTS = """
count(x.end_time) AS completed,
count(*) FILTER (x.end_time IS NOT NULL AND NOT (x.error OR x.throttle OR x.fault)) AS ok,
count(*) FILTER (x.end_time IS NOT NULL AND x.throttle) AS throttled,
count(*) FILTER (x.end_time IS NOT NULL AND x.error AND NOT x.throttle) AS other_errors,
count(*) FILTER (x.end_time IS NOT NULL AND x.fault) AS faults,
coalesce(sum(x.response_time), 0) AS total,
CASE WHEN x.response_time < 1 THEN round(x.response_time, 3)
ELSE round(x.response_time, 2 - floor(log10(x.response_time))::INTEGER) END AS response_time
"""
"""Of the segments, or calls, of one response time (seconds, NULL while in progress)."""
_FIGURES = """
sum(completed)::BIGINT, sum(ok)::BIGINT, sum(throttled)::BIGINT, sum(other_errors)::BIGINT,
sum(faults)::BIGINT, sum(total),
coalesce(list({'Value': response_time, 'Count': completed} ORDER BY response_time)
FILTER (completed > 0 AND response_time IS NOT NULL), [])
"""
"""Of all response times."""


class Figures(NamedTuple):
    """What segments, or calls, add up to. `response_times` is the API's `Histogram`, times are seconds."""

    completed: int
    ok: int
    throttle: int
    other_error: int
    fault: int
    total_response_time: float
    response_times: list[dict[str, Any]]


def traces(snapshot: Snapshot, window: Window, conditions: Iterable[Fragment]) -> Sql:
    """Return the query of the services and edges of the traces that meet the conditions."""
    where = all_of([window.condition, *conditions])
    source = snapshot.source(window.bounds)
    return Sql(f"SELECT t.services, t.edges FROM {source} t WHERE {where.text}", where.parameters)


def services(traces: Fragment) -> Sql:
    """Return the query of the services of traces.

    `traces` selects rows with `services`. A row is name, type, account id, whether it is a root, whether all
    were inferred, first start, last end, then figures.
    """
    return Sql(
        "SELECT name, type, account_id, bool_or(root), bool_and(inferred), min(start_time), max(end_time),"
        f" {_FIGURES} FROM (SELECT x.name, x.type, x.account_id, bool_or(x.root) AS root,"
        " bool_and(x.inferred) AS inferred, min(x.start_time) AS start_time,"
        f" max(coalesce(x.end_time, x.start_time)) AS end_time, {_COUNTS}"
        f" FROM (SELECT unnest(services) AS x FROM ({traces.text}))"
        " GROUP BY x.name, x.type, x.account_id, response_time) GROUP BY name, type, account_id",
        tuple(traces.parameters),
    )


def edges(traces: Fragment) -> Sql:
    """Return the query of the calls in traces.

    `traces` selects rows with `edges`. A row is the caller's name, type and account id, the same of the
    called service, first start, last end, then figures.
    """
    names = "source_name, source_type, source_account_id, name, type, account_id"
    return Sql(
        f"SELECT {names}, min(start_time), max(end_time), {_FIGURES}"
        " FROM (SELECT x.source_name, x.source_type, x.source_account_id, x.name, x.type, x.account_id,"
        " min(x.start_time) AS start_time, max(coalesce(x.end_time, x.start_time)) AS end_time,"
        f" {_COUNTS} FROM (SELECT unnest(edges) AS x FROM ({traces.text}))"
        " GROUP BY x.source_name, x.source_type, x.source_account_id, x.name, x.type, x.account_id,"
        f" response_time) GROUP BY {names}",
        tuple(traces.parameters),
    )


def series(
    traces: Fragment, elements: str, selected: Fragment, *, start: float, end: float, period_seconds: int
) -> Sql:
    """Return the query of what was selected, by the period in which it began.

    `elements` is `services` or `edges`, `selected` a condition on a trace `t` that has one of them alone. A
    row is the period's beginning (epoch seconds), then figures.
    """
    where = all_of([Sql("t.x.start_time >= ? AND t.x.start_time < ?", (start, end)), selected])
    other = "edges" if elements == "services" else "services"
    return Sql(
        f"SELECT period, {_FIGURES}"
        f" FROM (SELECT floor(x.start_time / {int(period_seconds)}) * {int(period_seconds)} AS period,"
        f" {_COUNTS} FROM (SELECT x, [x] AS {elements}, NULL AS {other}"
        f" FROM (SELECT unnest({elements}) AS x FROM ({traces.text}))) t"
        f" WHERE {where.text} GROUP BY period, response_time) GROUP BY period ORDER BY period",
        (*traces.parameters, *where.parameters),
    )
