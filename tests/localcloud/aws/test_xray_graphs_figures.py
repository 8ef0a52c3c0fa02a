"""What services and calls add up to: the database's sums are those of plain Python over the same facts."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.xray.service_graph import build_graph
from localcloud.aws.xray.store import figures, pages, windows
from localcloud.aws.xray.store.database import Database
from localcloud.aws.xray.store.sql import Sql
from localcloud.aws.xray.time_series import build_series
from localcloud.aws.xray.traces import TraceStore
from tests.localcloud.aws.segments import START, make_call, make_segment, make_trace_id
from xray.traces import TraceFacts, derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ACCOUNT = "123456789012"
PERIOD_SECONDS = 60

_FLAGS = st.fixed_dictionaries({}, optional={name: st.booleans() for name in ("fault", "error", "throttle")})
_TRACE = st.tuples(
    st.sampled_from(["web", "other"]),
    st.lists(st.sampled_from(["db", "queue", "web"]), max_size=3),
    st.integers(0, 200),
    st.sampled_from([None, 0.0, 0.0004, 0.0005, 0.25, 70.0]),
    _FLAGS,
    st.booleans(),
)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A database of its own, in memory."""
    opened = Database()
    yield opened
    opened.close()


def _documents(trace: tuple[Any, ...]) -> list[dict[str, Any]]:
    name, callees, second, seconds, flags, answered = trace
    start = START + second
    root = make_segment(
        make_trace_id(), name=name, start_time=start, end_time=start + (seconds or 1), **flags
    )
    found = []
    for callee in callees:
        root, called = make_call(root, callee, **flags)
        found += [called] if answered else []
    if seconds is None:
        del root["end_time"]
        root["in_progress"] = True
    return [root, *found]


def _sums(elements: Iterable[Any]) -> dict[str, Any]:
    """Add up services or edges, one way that has nothing of the database's."""
    done = [element for element in elements if element.end_time is not None]
    histogram: dict[int, int] = defaultdict(int)
    for element in done:
        histogram[round(element.response_time * 1000 + 1e-9)] += 1
    throttled = sum(element.throttle for element in done)
    errors = sum(element.error and not element.throttle for element in done)
    return {
        "OkCount": sum(not (element.error or element.throttle or element.fault) for element in done),
        "Errors": (throttled, errors, throttled + errors),
        "Faults": sum(element.fault for element in done),
        "TotalCount": len(done),
        "TotalResponseTime": pytest.approx(sum(element.response_time for element in done), abs=1e-5),
        "Histogram": histogram,
    }


def _told(statistics: Any, histogram: Any) -> dict[str, Any]:
    errors = statistics["ErrorStatistics"]
    assert statistics["FaultStatistics"]["OtherCount"] == statistics["FaultStatistics"]["TotalCount"]
    return {
        "OkCount": statistics["OkCount"],
        "Errors": (errors["ThrottleCount"], errors["OtherCount"], errors["TotalCount"]),
        "Faults": statistics["FaultStatistics"]["TotalCount"],
        "TotalCount": statistics["TotalCount"],
        "TotalResponseTime": statistics["TotalResponseTime"],
        "Histogram": {round(entry["Value"] * 1000): entry["Count"] for entry in histogram},
    }


@given(traces=st.lists(_TRACE, max_size=6))
def test_the_graph_is_the_sum_of_the_facts(database: Database, traces: list[Any]) -> None:
    """Each node and each edge has the figures of its services and calls, and there are no others."""
    store = TraceStore("a/1", ACCOUNT, database=database)
    facts = []
    for documents in map(_documents, traces):
        facts.append(derive(documents, ACCOUNT))
        assert [store.put(json.dumps(document)) for document in documents] == [None] * len(documents)
    window = windows.by_start(START, START + 1000)
    with store.reading() as snapshot:
        found = figures.traces(snapshot, window, [pages.of_place(store.place)])
        graph = build_graph(snapshot.rows(figures.services(found)), snapshot.rows(figures.edges(found)))
        series = {
            elements: build_series(
                snapshot.rows(
                    figures.series(
                        found,
                        elements,
                        Sql("true"),
                        start=START,
                        end=START + 1000,
                        period_seconds=PERIOD_SECONDS,
                    )
                ),
                services=elements == "services",
            )
            for elements in ("services", "edges")
        }
    _check_nodes(graph, facts)
    _check_edges(graph, facts)
    _check_series(series, facts)


def test_response_times_are_rounded(database: Database) -> None:
    """Up to a second to milliseconds, beyond to three digits: one row has the histogram of them all."""
    store = TraceStore("a/1", ACCOUNT, database=database)
    for seconds in (0.0, 0.0004, 0.1234, 0.9996, 1.0, 1.2341, 1.2339, 12.341, 123.41, 123456.0):
        segment = make_segment(make_trace_id(), start_time=START, end_time=START + seconds)
        assert store.put(json.dumps(segment)) is None
    with store.reading() as snapshot:
        found = figures.traces(snapshot, windows.by_start(START, START + 1), [pages.of_place(store.place)])
        (row,) = snapshot.rows(figures.services(found))
    histogram = {entry["Value"]: entry["Count"] for entry in figures.Figures._make(row[7:]).response_times}
    assert histogram == {0.0: 2, 0.123: 1, 1.0: 2, 1.23: 2, 12.3: 1, 123.0: 1, 123000.0: 1}
    assert list(histogram) == sorted(histogram)


def _check_nodes(graph: list[Any], facts: list[TraceFacts]) -> None:
    nodes: dict[Any, list[Any]] = defaultdict(list)
    for trace in facts:
        for service in trace.services:
            nodes[service.name, service.type, service.account_id].append(service)
    told = {_key(node): node for node in graph if node.get("Type") != "client"}
    assert told.keys() == nodes.keys()
    for key, services in nodes.items():
        node = told[key]
        assert _told(node["SummaryStatistics"], node["ResponseTimeHistogram"]) == _sums(services)
        assert node["Root"] == any(service.root for service in services)
        assert (node["State"] == "active") == any(not service.inferred for service in services)
        assert node["StartTime"] == min(service.start_time for service in services)


def _check_edges(graph: list[Any], facts: list[TraceFacts]) -> None:
    edges: dict[Any, list[Any]] = defaultdict(list)
    for trace in facts:
        for edge in trace.edges:
            source = (edge.source_name, edge.source_type, edge.source_account_id)
            edges[source, (edge.name, edge.type, edge.account_id)].append(edge)
    told = {(_key(node), _key(graph[edge["ReferenceId"]])): edge for node in graph for edge in node["Edges"]}
    assert told.keys() == edges.keys()
    for key, calls in edges.items():
        assert _told(told[key]["SummaryStatistics"], told[key]["ResponseTimeHistogram"]) == _sums(calls)


def _check_series(series: dict[str, list[Any]], facts: list[TraceFacts]) -> None:
    for elements, member in (("services", "ServiceSummaryStatistics"), ("edges", "EdgeSummaryStatistics")):
        periods: dict[float, list[Any]] = defaultdict(list)
        for trace in facts:
            for element in getattr(trace, elements):
                periods[element.start_time // PERIOD_SECONDS * PERIOD_SECONDS].append(element)
        told = {entry["Timestamp"]: entry for entry in series[elements]}
        assert told.keys() == periods.keys()
        for period, found in periods.items():
            assert _told(told[period][member], told[period]["ResponseTimeHistogram"]) == _sums(found)


def _key(node: Any) -> tuple[str, str | None, str | None]:
    return node["Name"], node.get("Type"), node.get("AccountId")
