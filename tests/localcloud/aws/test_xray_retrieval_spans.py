"""Segments as OpenTelemetry spans."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.xray.otel_spans import NANOSECONDS_MAX, otel_spans
from tests.localcloud.aws.hostile import odd_members
from xray.segments import merge_trace, validate_document

TRACE_ID = "1-65538f80-0123456789abcdef01234567"


def _segment(number: int = 1, **members: Any) -> dict[str, Any]:
    times = {"start_time": 1_700_000_000.5, "end_time": 1_700_000_001.75}
    return {"trace_id": TRACE_ID, "id": f"{number:016x}", "name": "web", **times, **members}


def _spans(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    assert [validate_document(document) for document in documents] == [[] for _ in documents]
    return list(otel_spans(TRACE_ID, merge_trace(documents)))


def test_a_segment_is_a_server_span() -> None:
    """Ids, times in nanoseconds, kind and status are OpenTelemetry's; the segment's name is the service's."""
    (span,) = _spans(_segment(parent_id="f" * 16, fault=True, service={"version": "7"}))
    assert {key: span[key] for key in ("traceId", "spanId", "parentSpanId", "name", "kind")} == {
        "traceId": "65538f800123456789abcdef01234567",
        "spanId": "0000000000000001",
        "parentSpanId": "f" * 16,
        "name": "web",
        "kind": "SERVER",
    }
    assert (span["startTimeUnixNano"], span["durationNano"]) == (1_700_000_000_500_000_000, 1_250_000_000)
    assert span["endTimeUnixNano"] == 1_700_000_001_750_000_000
    assert span["status"] == {"code": "ERROR"}
    assert span["resource"] == {"attributes": {"service.name": "web", "service.version": "7"}}


def test_subsegments_are_client_and_internal_spans() -> None:
    """Calls of others are CLIENT, what happens inside is INTERNAL, all of the segment's resource."""
    inside = _segment(3, name="work") | {"parent_id": None}
    inside = {key: inside[key] for key in ("id", "name", "start_time", "end_time")}
    call = {**inside, "id": f"{4:016x}", "name": "db", "namespace": "remote"}
    apart = _segment(5, name="s3", namespace="aws", type="subsegment", parent_id=f"{3:016x}")
    spans = _spans(_segment(1, origin="AWS::ECS::Fargate", subsegments=[inside, call]), apart)
    found = {span["name"]: (span["kind"], span.get("parentSpanId", "")[-1:]) for span in spans}
    assert found == {
        "web": ("SERVER", ""),
        "work": ("INTERNAL", "1"),
        "db": ("CLIENT", "1"),
        "s3": ("CLIENT", "3"),
    }
    resource = {"service.name": "web", "cloud.provider": "aws", "cloud.platform": "aws_ecs"}
    assert [span["resource"]["attributes"] for span in spans] == [resource] * 4


def test_blocks_are_attributes() -> None:
    """http, sql, aws, user, annotations and metadata become attributes under OpenTelemetry's names."""
    request = {"method": "GET", "url": "http://shop/x", "user_agent": "curl", "client_ip": "10.0.0.1"}
    (span,) = _spans(
        _segment(
            http={"request": request, "response": {"status": 200, "content_length": 5}},
            user="al",
            annotations={"paid": True, "count": 2.5, "app.name": "x"},
            metadata={"default": {"list": [1, {"a": None}]}},
        )
    )
    assert span["attributes"] == {
        "http.request.method": "GET",
        "url.full": "http://shop/x",
        "user_agent.original": "curl",
        "client.address": "10.0.0.1",
        "http.response.status_code": 200,
        "http.response.body.size": 5,
        "enduser.id": "al",
        "paid": True,
        "count": 2.5,
        "app.name": "x",
        "aws.xray.metadata.default": '{"list":[1,{"a":null}]}',
    }


def test_calls_of_aws_and_databases() -> None:
    """A call of AWS names service and operation, a query its text and kind of database."""
    aws = {"operation": "GetItem", "table_name": "t", "region": "us-east-1", "request_id": "r"}
    call = _segment(2, name="dynamodb", namespace="aws", aws=aws, type="subsegment", parent_id="1" * 16)
    sql = {"sanitized_query": "SELECT ?", "database_type": "PostgreSQL", "user": "u", "url": "db:5432/x"}
    query = _segment(3, name="x@db", namespace="remote", sql=sql, type="subsegment", parent_id="1" * 16)
    found = {span["name"]: span["attributes"] for span in _spans(call, query)}
    assert found["dynamodb"] == {
        "rpc.system": "aws-api",
        "rpc.service": "dynamodb",
        "rpc.method": "GetItem",
        "aws.table.name": "t",
        "aws.region": "us-east-1",
        "aws.request_id": "r",
    }
    assert found["x@db"] == {
        "db.query.text": "SELECT ?",
        "db.system.name": "PostgreSQL",
        "db.user": "u",
        "db.connection_string": "db:5432/x",
    }


def test_exceptions_are_events() -> None:
    """Each exception of the cause is an event; a cause that only refers to another's is none."""
    stack = [{"label": "f", "path": "a.py", "line": 3}, {"label": "g", "path": "b.py", "line": 4}]
    exception = {"id": "2" * 16, "type": "ValueError", "message": "no", "stack": stack}
    (span,) = _spans(_segment(fault=True, cause={"exceptions": [exception, {"id": "3" * 16}]}))
    assert [event["name"] for event in span["events"]] == ["exception", "exception"]
    assert [event["attributes"] for event in span["events"]] == [
        {
            "exception.type": "ValueError",
            "exception.message": "no",
            "exception.stacktrace": "f (a.py:3)\ng (b.py:4)",
        },
        {},
    ]
    assert _spans(_segment(cause="2" * 16))[0]["events"] == []


def test_segments_in_progress_have_no_end() -> None:
    """What hasn't ended has neither end nor duration."""
    document = _segment(in_progress=True)
    del document["end_time"]
    (span,) = _spans(document)
    assert "endTimeUnixNano" not in span
    assert "durationNano" not in span
    assert span["attributes"] == {"aws.xray.inprogress": True}


@given(start=st.floats(0, 1.7e308), end=st.floats(0, 1.7e308))
def test_times_stay_within_64_bits(start: float, end: float) -> None:
    """Times that no clock tells, and an end before the start, still give spans that can be read."""
    (span,) = _spans(_segment(start_time=start, end_time=end))
    times = [span[key] for key in ("startTimeUnixNano", "endTimeUnixNano", "durationNano")]
    assert all(0 <= value <= NANOSECONDS_MAX for value in times)
    assert json.loads(json.dumps(span)) == span


@settings(max_examples=200, deadline=None)
@given(members=odd_members)
def test_whatever_x_ray_takes_becomes_spans(members: dict[str, Any]) -> None:
    """A segment that is valid, however odd, gives spans that can be written as JSON."""
    document = _segment(**members)
    if not validate_document(document):
        spans = list(otel_spans(document["trace_id"], merge_trace([document])))
        assert spans
        assert json.loads(json.dumps(spans)) == spans
