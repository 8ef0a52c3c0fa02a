"""What Honeycomb makes of what it was sent (source: docs.honeycomb.io/api/tag/Query-Data, Columns)."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Cases, UnansweredError, expect, expect_names
from scripts.conform.cases.honeycomb_ingest import dataset, send_span

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("honeycomb")
RATE = 3
_QUERY_URL = re.compile(r"https://[^/]+/[^/]+/environments/[^/]+/datasets/([^/]+)/result/[^/]+")


def _sent(on: Surroundings, route: str) -> tuple[str, float]:
    """Send a span to *route* that stands for three; return its data set's slug and its time, in seconds."""
    attributes = {"SampleRate": {"intValue": str(RATE)}, "conform.route": {"stringValue": route}}
    document = send_span(on, on.name(), attributes)
    span = document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    return dataset(on, on.name()), int(span["startTimeUnixNano"]) / 1e9


@CASES.case("dataset.service", "a span makes the data set of its service.name, with that slug")
def _made(on: Surroundings) -> None:
    slug, _ = _sent(on, "/made")
    expect("slug", slug, on.name())


@CASES.case(
    "dataset.slug",
    "a slug is the name in lower case, each character but letters, digits and _ . ~ - a hyphen",
    settles=["slug rule"],
)
def _slug(on: Surroundings) -> None:
    name = on.name("Sl_u.g! x")
    send_span(on, name)
    slug = dataset(on, name)
    on.observe("slug of Sl_u.g! x", slug.rpartition(on.run_id)[2])
    expect("slug", slug, on.name("sl_u.g--x"))


@CASES.case("columns.types", "a span's attributes are columns by name, duration_ms a float, SampleRate none")
def _columns(on: Surroundings) -> None:
    slug, _ = _sent(on, "/columns")

    def attempt() -> dict[str, str] | None:
        listed = on.honeycomb.done("list columns", on.honeycomb("GET", f"/1/columns/{slug}"), 200)
        types = {one["key_name"]: one["type"] for one in listed}
        return types if "conform.route" in types and "duration_ms" in types else None

    types = on.eventually("columns of the span", attempt)
    wanted = {"conform.route": "string", "duration_ms": "float", "trace.trace_id": "string"}
    expect("types", {name: types.get(name) for name in wanted}, wanted)
    expect("SampleRate is a column", "SampleRate" in types, False)


@CASES.case("query.made", "a query is made with 200, has an id, and comes back by it", documented=True)
def _query(on: Surroundings) -> None:
    slug, _ = _sent(on, "/query")
    made = _asked(on, slug, {"calculations": [{"op": "COUNT"}], "time_range": 600})
    answer = on.honeycomb("GET", f"/1/queries/{slug}/{made}")
    expect("id", on.honeycomb.done("read a query", answer, 200)["id"], made)


@CASES.case("query.wrong", "an operation that does not exist is 422 or 400, with words about it")
def _wrong(on: Surroundings) -> None:
    slug, _ = _sent(on, "/wrong")
    answer = on.honeycomb("POST", f"/1/queries/{slug}", {"calculations": [{"op": "MEDIAN"}]})
    on.honeycomb.permitted("make a query", answer)
    expect("refused", answer.status in (400, 422), True)
    expect_names("words", answer.words, "calculation", "MEDIAN")


@CASES.case(
    "query.weight", "COUNT is the sum of sample rates, by route too; MAX is not weighted", documented=True
)
def _weight(on: Surroundings) -> None:
    calculations = [{"op": "COUNT"}, {"op": "MAX", "column": "duration_ms"}]
    row, _ = _run(on, "/weight", {"calculations": calculations, "breakdowns": ["conform.route"]})
    expect("route", row["conform.route"], "/weight")
    expect("COUNT", row["COUNT"], RATE)
    expect("MAX(duration_ms)", round(row["MAX(duration_ms)"]), 250)


@CASES.case(
    "query.heatmap",
    "HEATMAP is a list of bins with low, high and count, which is weighted; query_url names the data set",
    settles=["HEATMAP value shape", "HEATMAP weighting", "query_url path"],
)
def _heatmap(on: Surroundings) -> None:
    row, url = _run(on, "/heatmap", {"calculations": [{"op": "HEATMAP", "column": "duration_ms"}]})
    bins = row["HEATMAP(duration_ms)"]
    on.observe("HEATMAP of a span of 250 ms with the rate 3", bins)
    on.observe("query_url", url)
    expect("members of a bin", [sorted(one) for one in bins], [["count", "high", "low"]])
    expect("count", bins[0]["count"], RATE)
    expect("250 ms is within", bins[0]["low"] <= 250 <= bins[0]["high"], True)
    found = _QUERY_URL.fullmatch(url)
    expect("data set in query_url", found and found[1], on.name())


@CASES.case(
    "query.rates",
    "CONCURRENCY counts a span once for each that it stands for; one span has no RATE_SUM",
    settles=["RATE_*/CONCURRENCY weighting"],
)
def _rates(on: Surroundings) -> None:
    calculations = [{"op": "CONCURRENCY"}, {"op": "RATE_SUM", "column": "duration_ms"}, {"op": "COUNT"}]
    row, _ = _run(on, "/rates", {"calculations": calculations})
    on.observe("a span of 250 ms with the rate 3, in 11 minutes", row)
    expect("COUNT", row["COUNT"], RATE)
    expect("CONCURRENCY", round(row["CONCURRENCY"], 6), round(RATE * 0.25 / _WINDOW_SECONDS, 6))
    expect("RATE_SUM", row.get("RATE_SUM(duration_ms)"), None)


@CASES.case(
    "query.precision",
    "an event's time is kept to a microsecond at least",
    settles=["storage precision"],
)
def _precision(on: Surroundings) -> None:
    fields = [{"name": "at", "expression": "EVENT_TIMESTAMP()"}]
    calculations = [{"op": "MAX", "column": "at"}]
    sent: list[float] = []
    row, _ = _run(on, "/precision", {"calculations": calculations, "calculated_fields": fields}, sent)
    off = abs(row["MAX(at)"] - sent[0])
    on.observe("seconds between the time sent and the time kept", off)
    expect("kept to a microsecond", off < 2e-6, True)


_WINDOW_SECONDS = 660


def _window() -> dict[str, int]:
    """Return eleven minutes that end behind this one: Honeycomb cuts a window back to whole minutes."""
    minute = int(time.time()) // 60 * 60
    return {"start_time": minute + 60 - _WINDOW_SECONDS, "end_time": minute + 60}


def _asked(on: Surroundings, slug: str, document: dict[str, Any]) -> str:
    answer = on.honeycomb("POST", f"/1/queries/{slug}", document)
    made: str = on.honeycomb.done("make a query", answer, 200)["id"]
    return made


def _run(
    on: Surroundings, route: str, document: dict[str, Any], sent: list[float] | None = None
) -> tuple[dict[str, Any], str]:
    """Return the one row of a query over a span sent to *route*, and the result's link.

    The span's time, in seconds, is added to *sent*.
    """
    slug, at = _sent(on, route)
    if sent is not None:
        sent.append(at)
    only = [{"column": "conform.route", "op": "=", "value": route}]

    def columns() -> bool | None:
        listed = on.honeycomb.done("list columns", on.honeycomb("GET", f"/1/columns/{slug}"), 200)
        return True if {"conform.route", "duration_ms"} <= {one["key_name"] for one in listed} else None

    on.eventually("the columns that are asked for", columns)
    query_id = _asked(on, slug, {**document, "filters": only, **_window()})

    def attempt() -> tuple[dict[str, Any], str] | None:
        rows, url = _rows(on, slug, query_id)
        return (rows[0], url) if rows else None

    return on.eventually("the span in a query's result", attempt)


def _rows(on: Surroundings, slug: str, query_id: str) -> tuple[list[dict[str, Any]], str]:
    path = f"/1/query_results/{slug}"
    started = on.honeycomb("POST", path, {"query_id": query_id, "disable_series": True})
    begun = on.honeycomb.done("run queries", started, 201)

    def attempt() -> dict[str, Any] | None:
        answer: dict[str, Any] = on.honeycomb.done(
            "read results", on.honeycomb("GET", f"{path}/{begun['id']}"), 200
        )
        return answer if answer["complete"] else None

    answer = on.eventually("the query's result", attempt)
    if "error" in answer:
        raise UnansweredError("the query could not be run by Honeycomb")
    return [one["data"] for one in answer["data"]["results"]], str(answer["links"]["query_url"])


@CASES.case("query.result.unknown", "a result that does not exist is 404", documented=True)
def _unknown(on: Surroundings) -> None:
    slug, _ = _sent(on, "/unknown")
    answer = on.honeycomb("GET", f"/1/query_results/{slug}/conform")
    on.honeycomb.permitted("read results", answer)
    expect("status", answer.status, 404)
    expect_names("words", answer.words, "not found")


@CASES.case("dataset.unknown", "columns of a data set that does not exist are 404", documented=True)
def _no_dataset(on: Surroundings) -> None:
    answer = on.honeycomb("GET", f"/1/columns/{on.name('nothing')}")
    on.honeycomb.permitted("list columns", answer)
    expect("status", answer.status, 404)
    expect_names("words", answer.words, "not found")
