"""Service graphs and time series (source: the X-Ray API, GetServiceGraph; devguide, "Getting data")."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Cases, expect, expect_in, expect_names
from scripts.conform.xray_calls import REFUSED, Refusal

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("xray")


def _sent(on: Surroundings) -> str:
    """Send a service that calls a table and another host; return the trace's id."""
    document = on.segment(on.name(), origin="AWS::ECS::Container", http={"response": {"status": 200}})
    times = {key: document[key] for key in ("start_time", "end_time")}
    table = {
        "id": secrets.token_hex(8),
        "name": "DynamoDB",
        "namespace": "aws",
        "aws": {"operation": "GetItem", "table_name": on.name("table")},
        "http": {"response": {"status": 200}},
        **times,
    }
    host = {
        "id": secrets.token_hex(8),
        "name": on.name("host"),
        "namespace": "remote",
        "fault": True,
        "http": {
            "request": {"method": "GET", "url": "https://conform.example/"},
            "response": {"status": 503},
        },
        **times,
    }
    document["subsegments"] = [table, host]
    on.put(document)
    trace_id: str = document["trace_id"]
    on.stored(trace_id)
    return trace_id


def _nodes(on: Surroundings) -> list[dict[str, Any]]:
    trace_id = _sent(on)

    def attempt() -> list[dict[str, Any]] | None:
        services: list[dict[str, Any]] = on.xray("GetTraceGraph", TraceIds=[trace_id])["Services"]
        return services if len(services) >= 4 else None

    return on.eventually("a graph of client, service, table and host", attempt)


def _node(nodes: list[dict[str, Any]], name: str, kind: str | None) -> dict[str, Any]:
    found = [one for one in nodes if one.get("Name") == name and (kind is None or one.get("Type") == kind)]
    expect(f"nodes {name} of type {kind}", len(found), 1)
    return found[0]


@CASES.case("graph.client", "the client is a node of type `client`, named like the root, with one edge to it")
def _client(on: Surroundings) -> None:
    nodes = _nodes(on)
    client = _node(nodes, on.name(), "client")
    service = _node(nodes, on.name(), "AWS::ECS::Container")
    expect("edges", [one["ReferenceId"] for one in client["Edges"]], [service["ReferenceId"]])
    expect("statistics of the client", client.get("SummaryStatistics"), None)
    expect("Root", service.get("Root"), True)


@CASES.case("graph.table", "a call with a table name makes a node of that name, AWS::DynamoDB::Table")
def _table(on: Surroundings) -> None:
    table = _node(_nodes(on), on.name("table"), "AWS::DynamoDB::Table")
    expect("requests", table["SummaryStatistics"]["TotalCount"], 1)
    expect("State", table.get("State"), "unknown")


@CASES.case("graph.remote", "a call to an uninstrumented host makes a node of type `remote`, by its flags")
def _remote(on: Surroundings) -> None:
    nodes = _nodes(on)
    host = _node(nodes, on.name("host"), "remote")
    expect("faults", host["SummaryStatistics"]["FaultStatistics"]["TotalCount"], 1)
    service = _node(nodes, on.name(), "AWS::ECS::Container")
    edge = [one for one in service["Edges"] if one["ReferenceId"] == host["ReferenceId"]]
    expect("edges to it", len(edge), 1)
    expect("its faults", edge[0]["SummaryStatistics"]["FaultStatistics"]["TotalCount"], 1)


@CASES.case(
    "graph.histogram",
    "the histogram's values are seconds, its counts the requests",
    settles=["histogram bins"],
)
def _histogram(on: Surroundings) -> None:
    service = _node(_nodes(on), on.name(), "AWS::ECS::Container")
    histogram = service["ResponseTimeHistogram"]
    on.observe("histogram of one request of half a second", histogram)
    expect("requests", sum(one["Count"] for one in histogram), 1)
    expect("seconds", round(histogram[0]["Value"], 1), 0.5)


def _typed(on: Surroundings, call: dict[str, Any], name: str) -> str | None:
    """Return the type of the node that a subsegment *call* to *name* makes."""
    document = on.segment(on.name())
    times = {key: document[key] for key in ("start_time", "end_time")}
    document["subsegments"] = [{"id": secrets.token_hex(8), "name": name, **call, **times}]
    on.put(document)

    def attempt() -> dict[str, Any] | None:
        services = on.xray("GetTraceGraph", TraceIds=[document["trace_id"]])["Services"]
        return next((one for one in services if one.get("Name") == name), None)

    kind = on.eventually(f"node {name}", attempt).get("Type")
    on.observe(f"Type of {call}", kind)
    return kind


@CASES.case("graph.sql", "a call with `sql` makes a node of type Database::SQL", settles=["SQL node Type"])
def _sql(on: Surroundings) -> None:
    sql = {"database_type": "PostgreSQL", "url": "postgresql://conform/db", "sanitized_query": "select 1"}
    kind = _typed(on, {"namespace": "remote", "sql": sql}, f"db@{on.name('sql')}")
    expect("Type", kind, "Database::SQL")


@CASES.case(
    "graph.sdk.name",
    "a call to `dynamodb`, as the SDK for Python writes it, makes a node of type AWS::DynamoDB",
    settles=["Type for lowercase SDK names"],
)
def _sdk_name(on: Surroundings) -> None:
    call = {"namespace": "aws", "aws": {"operation": "ListTables"}, "http": {"response": {"status": 200}}}
    expect("Type", _typed(on, call, "dynamodb"), "AWS::DynamoDB")


@CASES.case("graph.ids", "GetTraceGraph takes a hundred ids and one", settles=["TraceGraph id cap"])
def _ids(on: Surroundings) -> None:
    trace_id = _sent(on)
    ids = [trace_id, *(on.trace_id() for _ in range(100))]
    services = on.xray("GetTraceGraph", TraceIds=ids)["Services"]
    expect("the trace's service is there", on.name() in {one.get("Name") for one in services}, True)


@CASES.case("graph.service", "GetServiceGraph over ten minutes has the service of a trace just sent")
def _service(on: Surroundings) -> None:
    _sent(on)

    def attempt() -> bool | None:
        now = time.time()
        request: dict[str, Any] = {"StartTime": now - 600, "EndTime": now}
        while True:
            page = on.xray("GetServiceGraph", **request)
            if any(one.get("Name") == on.name() for one in page["Services"]):
                return True
            if not page.get("NextToken"):
                return None
            request["NextToken"] = page["NextToken"]

    on.eventually(f"{on.name()} in the service graph", attempt)


@CASES.case("graph.window", "more than six hours are refused: `Time range cannot be longer than 6 hours`")
def _window(on: Surroundings) -> None:
    now = time.time()
    refusal = on.xray.refused("GetServiceGraph", StartTime=now - 6 * 3600 - 60, EndTime=now)
    expect("code", refusal.code, REFUSED)
    expect_in("message", "Time range cannot be longer than 6 hours", refusal.message)


@CASES.case(
    "series.aligned", "time series have buckets at multiples of the period, with the requests in them"
)
def _series(on: Surroundings) -> None:
    _sent(on)

    def attempt() -> list[dict[str, Any]] | None:
        now = time.time()
        request = {"StartTime": now - 600, "EndTime": now, "Period": 60}
        selector = f'service("{on.name()}")'
        answer = on.xray("GetTimeSeriesServiceStatistics", EntitySelectorExpression=selector, **request)
        found: list[dict[str, Any]] = answer["TimeSeriesServiceStatistics"]
        counts = [one.get("ServiceSummaryStatistics", {}).get("TotalCount", 0) for one in found]
        return found if sum(counts) else None

    series = on.eventually(f"requests of {on.name()} in time series", attempt)
    seconds = [one["Timestamp"].timestamp() for one in series]
    expect("not aligned", [one for one in seconds if one % 60], [])


@CASES.case("series.period", "a period is a multiple of 60 seconds, up to an hour", settles=["Period limits"])
def _period(on: Surroundings) -> None:
    told: dict[int, str] = {}
    now = time.time()
    for period in (1, 60, 90, 300, 3600):
        request = {"StartTime": now - 600, "EndTime": now, "Period": period}
        answer = on.xray.ask("GetTimeSeriesServiceStatistics", **request)
        told[period] = answer.message if isinstance(answer, Refusal) else "taken"
    on.observe("answers by period", {str(period): answer for period, answer in told.items()})
    expect("periods taken", [period for period in told if told[period] == "taken"], [60, 300, 3600])
    for period in (1, 90):
        expect_names(f"message to a period of {period} s", told[period], "period")


@CASES.case("series.selector", "a selector of anything but id, service or edge is refused")
def _selector(on: Surroundings) -> None:
    now = time.time()
    request = {"StartTime": now - 600, "EndTime": now, "EntitySelectorExpression": "duration > 1"}
    refusal = on.xray.refused("GetTimeSeriesServiceStatistics", **request)
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "selector", "expression", "Error Location")


@CASES.case("insights.old", "GetInsightSummaries refuses a start more than 30 days ago", documented=True)
def _insights(on: Surroundings) -> None:
    now = time.time()
    on.xray("GetInsightSummaries", GroupName="Default", StartTime=now - 60, EndTime=now)
    request = {"GroupName": "Default", "StartTime": now - 31 * 86400, "EndTime": now}
    refusal = on.xray.refused("GetInsightSummaries", **request)
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "StartTime", "30 days", "time range")


@CASES.case("insights.unknown", "an insight that is unknown is refused")
def _insight(on: Surroundings) -> None:
    insight = "00000000-0000-4000-8000-000000000000"
    refusal = on.xray.refused("GetInsight", InsightId=insight)
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "insight")


@CASES.case("indexing.default", "there is one indexing rule, Default, with a percentage", documented=True)
def _indexing(on: Surroundings) -> None:
    rules = on.xray("GetIndexingRules")["IndexingRules"]
    expect("names", [one["Name"] for one in rules], ["Default"])
    expect_in("rule", "DesiredSamplingPercentage", str(rules[0]["Rule"]))


@CASES.case("retrieval.unknown", "a retrieval token that X-Ray did not give out is 404")
def _retrieval(on: Surroundings) -> None:
    refusal = on.xray.refused("ListRetrievedTraces", RetrievalToken="conform")
    expect("code", refusal.code, "ResourceNotFoundException")
    expect("status", refusal.status, 404)
    expect_names("message", refusal.message, "token", "retrieval")
