"""Segments in, traces out, over boto3."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.raw import send

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint

START: Any = 1_700_000_000.0


def _trace_id(at: float = START) -> str:
    return f"1-{int(at):08x}-{secrets.token_hex(12)}"


def _segment(trace_id: str, **members: Any) -> dict[str, Any]:
    start = int(trace_id[2:10], 16)
    times = {"start_time": start + 0.5, "end_time": start + 1.5}
    segment = {"trace_id": trace_id, "id": secrets.token_hex(8), "name": "web", **times, **members}
    return {key: value for key, value in segment.items() if value is not None}


def _put(xray: XRayClient, documents: Iterable[Any]) -> Any:
    texts = [document if isinstance(document, str) else json.dumps(document) for document in documents]
    return xray.put_trace_segments(TraceSegmentDocuments=texts)["UnprocessedTraceSegments"]


def _documents(xray: XRayClient, trace_id: str) -> list[Any]:
    (trace,) = xray.batch_get_traces(TraceIds=[trace_id])["Traces"]
    return [json.loads(segment["Document"]) for segment in trace["Segments"]]


def test_segments_come_back(xray: XRayClient) -> None:
    """A trace is read back by its id, with its duration; unknown ids are left out."""
    trace_id = _trace_id()
    first = _segment(trace_id, annotations={"k": 1})
    second = _segment(trace_id, parent_id=first["id"], name="db", end_time=START + 3.5)
    assert _put(xray, [first, second]) == []
    answer = xray.batch_get_traces(TraceIds=[trace_id, _trace_id()])
    (trace,) = answer["Traces"]
    assert (trace["Id"], trace["Duration"], trace["LimitExceeded"]) == (trace_id, 3.0, False)
    assert [segment["Id"] for segment in trace["Segments"]] == [first["id"], second["id"]]
    assert _documents(xray, trace_id) == [first, second]


def test_subsegments_sent_apart_are_put_in_their_places(xray: XRayClient) -> None:
    """Independent subsegments come back inside their segment, whatever came first."""
    trace_id = _trace_id()
    segment = _segment(trace_id)
    outer = _segment(trace_id, type="subsegment", parent_id=segment["id"], name="outer")
    inner = _segment(trace_id, type="subsegment", parent_id=outer["id"], name="inner")
    _put(xray, [inner, segment, outer])
    (document,) = _documents(xray, trace_id)
    (found,) = document["subsegments"]
    assert found["name"] == "outer"
    assert not {"trace_id", "parent_id", "type"} & found.keys()
    assert found["subsegments"][0]["id"] == inner["id"]


def test_complete_document_replaces_the_one_in_progress(xray: XRayClient) -> None:
    """In whatever order they arrive, the complete document of a segment is the one that stays."""
    trace_id = _trace_id()
    complete = _segment(trace_id)
    running = {**complete, "in_progress": True}
    del running["end_time"]
    _put(xray, [running])
    assert xray.get_trace_summaries(StartTime=START, EndTime=START + 1)["TraceSummaries"][0]["IsPartial"]
    _put(xray, [complete, running])
    assert _documents(xray, trace_id) == [complete]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": None}, "MissingId"),
        ({"name": None}, "MissingName"),
        ({"trace_id": None}, "MissingTraceId"),
        ({"end_time": None}, "MissingEndTime"),
        ({"name": "a<b"}, "InvalidName"),
        ({"trace_id": "1-2-3"}, "InvalidTraceId"),
        ({"id": "xyz"}, "InvalidSegment"),
    ],
)
def test_each_refused_document_has_its_code(xray: XRayClient, change: dict[str, Any], code: str) -> None:
    """A document that X-Ray refuses is listed with its code; its neighbour is taken."""
    trace_id = _trace_id()
    bad = {**_segment(trace_id), **change}
    bad = {key: value for key, value in bad.items() if value is not None}
    (refused,) = _put(xray, [bad, _segment(trace_id)])
    assert refused["ErrorCode"] == code
    assert refused["Message"] == f"Invalid segment. ErrorCode: {code}"
    assert refused.get("Id") == bad.get("id")
    assert len(_documents(xray, trace_id)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "\x00",
        "[" * 100_000,
        '{"start_time": NaN}',
        '{"annotations": {"x": 1e999}}',
        '{"start_time": 1' + "0" * 400 + "}",
    ],
)
def test_what_is_no_document_is_listed(xray: XRayClient, text: str) -> None:
    """Text that isn't a JSON object is refused by itself, without an id."""
    (refused,) = _put(xray, [text])
    assert refused["ErrorCode"] == "InvalidSegment"
    assert "Id" not in refused


def test_document_over_64_kb_is_refused(xray: XRayClient) -> None:
    """A document longer than X-Ray's 64 KB isn't taken."""
    (refused,) = _put(xray, [_segment(_trace_id(), metadata={"x": {"y": "y" * 65536}})])
    assert refused["ErrorCode"] == "InvalidSegment"


def test_at_most_five_traces_at_once(xray: XRayClient) -> None:
    """BatchGetTraces takes five ids and no token."""
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Exceeding maximum query size: 5"):
        xray.batch_get_traces(TraceIds=[_trace_id() for _ in range(6)])
    with pytest.raises(xray.exceptions.InvalidRequestException, match="NextToken is currently not supported"):
        xray.batch_get_traces(TraceIds=[_trace_id()], NextToken="x")


def test_summary(xray: XRayClient) -> None:
    """A summary tells what the trace's segments say."""
    trace_id = _trace_id()
    http = {
        "request": {"method": "GET", "url": "http://x/", "user_agent": "curl", "client_ip": "10.0.0.1"},
        "response": {"status": 503},
    }
    origin = "AWS::ECS::Fargate"
    root = _segment(trace_id, http=http, fault=True, origin=origin, annotations={"n": 1, "b": True})
    root["aws"] = {"ec2": {"instance_id": "i-1", "availability_zone": "us-east-1a"}}
    leaf = _segment(trace_id, name="db", parent_id=root["id"], user="al", annotations={"n": 1, "s": "x"})
    leaf["end_time"] += 1
    _put(xray, [leaf, root])
    (summary,) = xray.get_trace_summaries(StartTime=START, EndTime=START + 1)["TraceSummaries"]
    web = {"Name": "web", "Names": ["web"], "AccountId": "123456789012", "Type": "AWS::ECS::Fargate"}
    database = {"Name": "db", "Names": ["db"], "AccountId": "123456789012"}
    assert (summary["Duration"], summary["ResponseTime"]) == (2.0, 1.0)
    assert (summary["HasFault"], summary["HasError"], summary["IsPartial"]) == (True, False, False)
    assert summary["Http"] == {
        "HttpURL": "http://x/",
        "HttpStatus": 503,
        "HttpMethod": "GET",
        "UserAgent": "curl",
        "ClientIp": "10.0.0.1",
    }
    assert summary["EntryPoint"] == web
    client = {"Name": "web", "Names": ["web"], "Type": "client"}
    assert summary["ServiceIds"] == [web, database, client]
    assert summary["Annotations"] == {
        "n": [{"AnnotationValue": {"NumberValue": 1.0}, "ServiceIds": [web, database]}],
        "b": [{"AnnotationValue": {"BooleanValue": True}, "ServiceIds": [web]}],
        "s": [{"AnnotationValue": {"StringValue": "x"}, "ServiceIds": [database]}],
    }
    assert summary["Users"] == [{"UserName": "al", "ServiceIds": [database]}]
    assert summary["InstanceIds"] == [{"Id": "i-1"}]
    assert summary["AvailabilityZones"] == [{"Name": "us-east-1a"}]


def test_range_of_summaries(xray: XRayClient) -> None:
    """The id's time is in the range's start but not its end; Event asks when the trace was going on."""
    trace_id = _trace_id()
    _put(xray, [_segment(trace_id)])

    def found(start: Any, end: Any, **more: Any) -> int:
        return len(xray.get_trace_summaries(StartTime=start, EndTime=end, **more)["TraceSummaries"])

    assert found(START, START + 1) == 1
    assert found(START - 1, START) == 0
    assert found(START + 1, START + 2) == 0
    assert found(START + 1, START + 2, TimeRangeType="Event") == 1
    assert found(START + 2, START + 3, TimeRangeType="Event") == 0
    with pytest.raises(xray.exceptions.InvalidRequestException, match="StartTime"):
        found(START + 1, START)


def test_summaries_come_in_pages(xray: XRayClient) -> None:
    """A hundred at a time, every trace once; a token that isn't ours is refused."""
    ids = [_trace_id(START + number % 7) for number in range(230)]
    _put(xray, map(_segment, ids))
    pages = xray.get_paginator("get_trace_summaries").paginate(StartTime=START, EndTime=START + 60)
    sizes = [[summary["Id"] for summary in page["TraceSummaries"]] for page in pages]
    assert [len(page) for page in sizes] == [100, 100, 30]
    assert sorted(one for page in sizes for one in page) == sorted(ids)
    for token in ("x", "bnVsbA==", "WzEsMl0="):
        with pytest.raises(xray.exceptions.InvalidRequestException, match="NextToken"):
            xray.get_trace_summaries(StartTime=START, EndTime=START + 60, NextToken=token)


def test_telemetry_is_taken(xray: XRayClient, endpoint: Endpoint, region: str) -> None:
    """A daemon's records about itself are shown with their sender, the last hundred, newest last."""
    records: Any = [
        {"Timestamp": START + number, "SegmentsReceivedCount": number, "BackendConnectionErrors": {}}
        for number in range(150)
    ]
    xray.put_telemetry_records(TelemetryRecords=records[:-1], Hostname="there")
    xray.put_telemetry_records(TelemetryRecords=records[-1:], Hostname="here", EC2InstanceId="i-1")
    with pytest.raises(xray.exceptions.InvalidRequestException, match="1001 items, 1000 are allowed"):
        xray.put_telemetry_records(TelemetryRecords=records[:1] * 1001)
    answer = send(endpoint.port, "GET", "/_localcloud/telemetry", service=None)
    assert answer.status == 200
    shown = answer.document()[f"123456789012/{region}"]
    assert [record["SegmentsReceivedCount"] for record in shown] == list(range(50, 150))
    assert shown[-2:] == [
        {"Hostname": "there", **records[-2]},
        {"Hostname": "here", "EC2InstanceId": "i-1", **records[-1]},
    ]
