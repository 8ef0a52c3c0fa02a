"""Service graphs and time series over boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.segments import START, make_call, make_segment, make_trace_id, put

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient

ACCOUNT = "123456789012"


def _graph(xray: XRayClient, **parameters: Any) -> Any:
    return xray.get_service_graph(**{"StartTime": START, "EndTime": START + 600, **parameters})


def _by_name(services: Any) -> dict[tuple[str, str | None], Any]:
    return {(service["Name"], service.get("Type")): service for service in services}


def _send(xray: XRayClient, count: int = 1, **members: Any) -> list[str]:
    """Send traces of web calling db, which sends a segment, and a queue, which doesn't."""
    ids = [make_trace_id(START + number) for number in range(count)]
    for trace_id in ids:
        root = make_segment(trace_id, origin="AWS::ECS::Fargate", **members)
        caller, called = make_call(root, "db", **members)
        caller, _ = make_call(caller, "SQS", namespace="aws", throttle=True, error=True)
        assert put(xray, [caller, called]) == []
    return ids


def test_services_and_calls(xray: XRayClient) -> None:
    """Client, services and inferred ones are nodes; calls are edges with what their callers saw."""
    _send(xray, 3)
    _send(xray, 2, fault=True)
    graph = _graph(xray)
    services = graph["Services"]
    assert [service["ReferenceId"] for service in services] == list(range(4))
    assert (graph["StartTime"].timestamp(), graph["EndTime"].timestamp()) == (START, START + 600)
    assert graph["ContainsOldGroupVersions"] is False
    found = _by_name(services)
    web, db = found["web", "AWS::ECS::Fargate"], found["db", None]
    client, queue = found["web", "client"], found["SQS", "AWS::SQS"]
    assert (web["Root"], db["Root"], queue["Root"]) == (True, False, False)
    assert (web["State"], db["State"], queue["State"], client["State"]) == (
        "active",
        "active",
        "unknown",
        "unknown",
    )
    assert (web["AccountId"], web["Names"]) == (ACCOUNT, ["web"])
    assert web["StartTime"].timestamp() == START + 0.5
    assert web["EndTime"].timestamp() == START + 3.5
    assert web["SummaryStatistics"] == {
        "OkCount": 3,
        "ErrorStatistics": {"ThrottleCount": 0, "OtherCount": 0, "TotalCount": 0},
        "FaultStatistics": {"OtherCount": 2, "TotalCount": 2},
        "TotalCount": 5,
        "TotalResponseTime": 5.0,
    }
    assert web["ResponseTimeHistogram"] == web["DurationHistogram"] == [{"Value": 1.0, "Count": 5}]
    errors = {"ThrottleCount": 5, "OtherCount": 0, "TotalCount": 5}
    assert queue["SummaryStatistics"]["ErrorStatistics"] == errors
    assert "SummaryStatistics" not in client
    assert [edge["ReferenceId"] for edge in client["Edges"]] == [web["ReferenceId"]]
    assert client["Edges"][0]["SummaryStatistics"] == web["SummaryStatistics"]
    edges = {edge["ReferenceId"]: edge for edge in web["Edges"]}
    assert edges.keys() == {db["ReferenceId"], queue["ReferenceId"]}
    call = edges[queue["ReferenceId"]]
    assert call["SummaryStatistics"]["ErrorStatistics"] == errors
    assert (call["Aliases"], call["ResponseTimeHistogram"]) == ([], [{"Value": 1.0, "Count": 5}])
    assert db["Edges"] == []


def test_histogram_has_milliseconds(xray: XRayClient) -> None:
    """Response times are counted by the millisecond; what is in progress counts for nothing yet."""
    for seconds in (0.0121, 0.0123, 0.5):
        trace_id = make_trace_id()
        put(xray, [make_segment(trace_id, start_time=START, end_time=START + seconds)])
    put(xray, [make_segment(make_trace_id(), end_time=None, in_progress=True)])
    web = _by_name(_graph(xray)["Services"])["web", None]
    assert web["ResponseTimeHistogram"] == [{"Value": 0.012, "Count": 2}, {"Value": 0.5, "Count": 1}]
    assert web["SummaryStatistics"]["TotalCount"] == 3
    assert web["SummaryStatistics"]["TotalResponseTime"] == pytest.approx(0.5244)


def test_traces_of_the_range(xray: XRayClient) -> None:
    """A trace is in the graph of the range that it began in; six hours are the most."""
    put(xray, [make_segment(make_trace_id())])
    assert _graph(xray, EndTime=START + 0.5)["Services"] == []
    assert len(_graph(xray, StartTime=START + 0.5)["Services"]) == 2
    assert _graph(xray, StartTime=START + 0.6)["Services"] == []
    assert _graph(xray, EndTime=START + 6 * 3600)["Services"]
    with pytest.raises(xray.exceptions.InvalidRequestException, match="cannot be longer than 6 hours"):
        _graph(xray, EndTime=START + 6 * 3600 + 1)
    with pytest.raises(xray.exceptions.InvalidRequestException, match="StartTime"):
        _graph(xray, StartTime=START + 601)


def test_graph_of_a_group(xray: XRayClient) -> None:
    """A group's graph has the traces that arrived while its filter held for them."""
    put(xray, [make_segment(make_trace_id(), fault=True, name="before")])
    made = xray.create_group(GroupName="bad", FilterExpression="fault")["Group"]
    put(
        xray,
        [
            make_segment(make_trace_id(), fault=True, name="during"),
            make_segment(make_trace_id(), name="fine"),
        ],
    )
    for named in ({"GroupName": "bad"}, {"GroupARN": made["GroupARN"]}):
        assert {service["Name"] for service in _graph(xray, **named)["Services"]} == {"during"}
    assert len(_graph(xray, GroupName="Default")["Services"]) == 6
    xray.update_group(GroupName="bad", FilterExpression="error")
    put(xray, [make_segment(make_trace_id(), fault=True, name="after")])
    graph = _graph(xray, GroupName="bad")
    assert {service["Name"] for service in graph["Services"]} == {"during"}
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Group not found"):
        _graph(xray, GroupName="nobody")


def test_old_filters_of_a_group_are_told(xray: XRayClient) -> None:
    """Where a trace is there by an older filter of the group it is told, in graphs and series."""
    xray.create_group(GroupName="bad", FilterExpression="fault")
    put(xray, [make_segment(make_trace_id(), fault=True)])
    assert not _graph(xray, GroupName="bad")["ContainsOldGroupVersions"]
    xray.update_group(GroupName="bad", FilterExpression="error")
    put(xray, [make_segment(make_trace_id(START + 300), error=True)])
    assert _graph(xray, GroupName="bad")["ContainsOldGroupVersions"]
    later = {"StartTime": START + 200, "EndTime": START + 400, "GroupName": "bad"}
    assert len(_graph(xray, **later)["Services"]) == 2
    assert not _graph(xray, **later)["ContainsOldGroupVersions"]
    assert not _graph(xray)["ContainsOldGroupVersions"]
    series = xray.get_time_series_service_statistics(StartTime=START, EndTime=START + 600, GroupName="bad")
    assert series["ContainsOldGroupVersions"]


def test_graph_of_traces(xray: XRayClient) -> None:
    """A trace's graph has its services alone; ids that no trace has are left out."""
    first, second = _send(xray), _send(xray, user="al")
    services = xray.get_trace_graph(TraceIds=[*first, make_trace_id(), "no id"])["Services"]
    assert {service["Name"] for service in services} == {"web", "db", "SQS"}
    both = xray.get_trace_graph(TraceIds=[*first, *second, *second])["Services"]
    assert _by_name(both)["db", None]["SummaryStatistics"]["TotalCount"] == 2
    assert xray.get_trace_graph(TraceIds=[make_trace_id()])["Services"] == []
    assert xray.get_trace_graph(TraceIds=[])["Services"] == []


def test_many_services_come_in_pages(xray: XRayClient) -> None:
    """A graph of many services comes in pages, each service once, under one numbering."""
    segments = [make_segment(make_trace_id(), name=f"service {number:03}") for number in range(300)]
    assert put(xray, segments) == []
    pages = list(xray.get_paginator("get_service_graph").paginate(StartTime=START, EndTime=START + 60))
    services = [service for page in pages for service in page["Services"]]
    assert [len(page["Services"]) for page in pages] == [500, 100]
    assert [service["ReferenceId"] for service in services] == list(range(600))
    token = pages[0]["NextToken"]
    for wrong in ("x", token[:-6], "AAAA"):
        with pytest.raises(xray.exceptions.InvalidRequestException, match="NextToken"):
            _graph(xray, NextToken=wrong)


def _series(xray: XRayClient, **parameters: Any) -> Any:
    answer = xray.get_time_series_service_statistics(
        **{"StartTime": START, "EndTime": START + 600, **parameters}
    )
    return answer["TimeSeriesServiceStatistics"]


def test_series_of_services(xray: XRayClient) -> None:
    """Each period in which a service was called has its figures, by the beginning of its segments."""
    begin = START - START % 300
    for second, fault in ((1, False), (2, True), (130, False)):
        put(
            xray,
            [
                make_segment(make_trace_id(begin + second), fault=fault),
                make_segment(make_trace_id(begin), name="db"),
            ],
        )
    wanted = {"StartTime": begin, "EndTime": begin + 600}
    for selector in (
        'service("web")',
        'id(name: "web")',
        'service(id(name: "web"))',
        f'id(account.id: "{ACCOUNT}", name: "web")',
    ):
        found = _series(xray, EntitySelectorExpression=selector, **wanted)
        assert [entry["Timestamp"].timestamp() - begin for entry in found] == [0, 120]
        assert found[0]["ServiceSummaryStatistics"]["FaultStatistics"]["TotalCount"] == 1
        assert found[0]["ServiceSummaryStatistics"]["TotalCount"] == 2
        assert found[0]["ResponseTimeHistogram"] == [{"Value": 1.0, "Count": 2}]
        assert "EdgeSummaryStatistics" not in found[0]
    (whole,) = _series(xray, EntitySelectorExpression='service("web")', Period=300, **wanted)
    assert whole["ServiceSummaryStatistics"]["TotalCount"] == 3
    (failed,) = _series(xray, EntitySelectorExpression='service("web") {fault}', **wanted)
    assert failed["ServiceSummaryStatistics"]["TotalCount"] == 1
    assert _series(xray, EntitySelectorExpression='service("nobody")', **wanted) == []


def test_series_of_edges(xray: XRayClient) -> None:
    """Without a selector every call counts, with one those between its ends."""
    _send(xray, 2)
    (every,) = _series(xray, Period=600)
    assert every["EdgeSummaryStatistics"]["TotalCount"] == 6
    (one,) = _series(xray, Period=600, EntitySelectorExpression='edge("web", "SQS") {throttle}')
    assert one["EdgeSummaryStatistics"]["ErrorStatistics"]["ThrottleCount"] == 2
    xray.create_group(GroupName="none", FilterExpression="fault")
    assert _series(xray, GroupName="none") == []


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"Period": 0}, "Period"),
        ({"Period": 61}, "Period"),
        ({"Period": -60}, "Period"),
        ({"EntitySelectorExpression": "fault"}, "EntitySelectorExpression"),
        ({"EntitySelectorExpression": 'service("a") OR service("b")'}, "EntitySelectorExpression"),
        (
            {"EntitySelectorExpression": "id(name:"},
            "position 9 : Invalid input symbol: 'id\\(name:' : the exp",
        ),
        ({"EntitySelectorExpression": 'id(name: "a")) OR (ok'}, "Error Location|EntitySelectorExpression"),
        ({"ForecastStatistics": True}, "ForecastStatistics"),
        ({"GroupName": "nobody"}, "Group not found"),
        ({"EndTime": START - 1}, "StartTime"),
        ({"NextToken": "x"}, "NextToken"),
    ],
)
def test_series_that_are_refused(xray: XRayClient, parameters: dict[str, Any], told: str) -> None:
    """What can't be a period, a selector, a group or a range is refused, and names it."""
    with pytest.raises(xray.exceptions.InvalidRequestException, match=told):
        _series(xray, **parameters)


def test_far_times(xray: XRayClient) -> None:
    """Times that no clock shows end no query, and figures stay numbers."""
    far = make_trace_id()
    put(xray, [make_segment(far, start_time=START, end_time=1.7e308) for _ in range(3)])
    put(xray, [make_segment(far, start_time=1.7e308, end_time=1.7e308, name="never")])
    (entry,) = _series(xray, EntitySelectorExpression='service("web")')
    assert entry["ServiceSummaryStatistics"]["TotalCount"] == 3
    assert entry["ServiceSummaryStatistics"]["TotalResponseTime"] > 1e9
