"""Names, filters and documents with anything in them: to X-Ray and its store they are texts, nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.localcloud.aws.fuzzing import PATHS, assert_refused, bounded, fuzzed_cloud
from tests.localcloud.aws.hostile import SQL, hostile_members, odd_members
from tests.localcloud.aws.raw import send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localcloud.clients.cloud import RunningCloud

TIME = int("65538f80", 16)
WINDOW = {"StartTime": TIME - 600, "EndTime": TIME + 600}


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningCloud]:
    """A local cloud for these tests alone."""
    with fuzzed_cloud() as running:
        yield running


def test_names_with_sql_in_them(cloud: RunningCloud) -> None:
    """Groups and rules named so are kept under just that name, found by it, and nothing else happens."""
    xray, name = cloud.client("xray"), "y'; DELETE FROM traces; --"
    rule: dict[str, Any] = dict.fromkeys(
        ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"), "*"
    )
    rule |= {"RuleName": name, "Priority": 1, "FixedRate": 0.5, "ReservoirSize": 1, "Version": 1}
    made = xray.create_group(GroupName=name, FilterExpression=f'service("{name}")')["Group"]
    record = xray.create_sampling_rule(SamplingRule=rule)["SamplingRuleRecord"]
    assert made["GroupName"] == record["SamplingRule"]["RuleName"] == name
    xray.tag_resource(ResourceARN=made["GroupARN"], Tags=[{"Key": name, "Value": name}])
    assert xray.list_tags_for_resource(ResourceARN=made["GroupARN"])["Tags"] == [{"Key": name, "Value": name}]
    assert xray.get_group(GroupName=name)["Group"] == made
    assert xray.get_service_graph(**WINDOW, GroupName=name)["Services"] == []
    xray.delete_group(GroupName=name)
    xray.delete_sampling_rule(RuleName=name)
    with pytest.raises(xray.exceptions.InvalidRequestException):
        xray.get_group(GroupName=name)
    xray.close()


def _segment(number: int, **members: Any) -> str:
    return json.dumps(
        {
            "trace_id": f"1-65538f80-{number:024x}",
            "id": f"{number:016x}",
            "name": "web",
            "start_time": TIME + 0.25,
            "end_time": TIME + 1.5,
            **members,
        }
    )


_FILTERS = [
    'annotation.key = "{}"',
    'service("{}")',
    'edge("web", "{}")',
    'http.url CONTAINS "{}"',
    'user = "{}"',
    'group.name = "{}"',
    "annotation.{} = 1",
    "{}",
    "service(id(name: {}))",
]
_SQLS = [SQL, "' OR '1'='1", "1; SELECT * FROM traces", "x') UNION SELECT 1 --", "%_\\", "?", "$1", "{}"]


@settings(bounded, max_examples=80)
@given(form=st.sampled_from(_FILTERS), sql=st.sampled_from(_SQLS))
def test_filters_with_sql_in_them(cloud: RunningCloud, form: str, sql: str) -> None:
    """A filter's text is a value or no filter: it matches what holds that very text, or is refused."""
    texts = [_segment(1, annotations={"key": sql}, user=sql), _segment(2, annotations={"key": "other"})]
    body = json.dumps({"TraceSegmentDocuments": texts}).encode()
    assert send(cloud.aws_port, "POST", "/TraceSegments", body).document()["UnprocessedTraceSegments"] == []
    request = {**WINDOW, "FilterExpression": form.format(sql)}
    answer = send(cloud.aws_port, "POST", "/TraceSummaries", json.dumps(request).encode())
    if answer.status == 200:
        found = [trace["Id"][-1] for trace in answer.document()["TraceSummaries"]]
        if not form.startswith("group"):  # the groups are those that other tests have left
            assert found == (["1"] if form.startswith(("annotation.key", "user")) else [])
    else:
        assert_refused(answer)
    answer = send(cloud.aws_port, "POST", "/TraceSummaries", json.dumps(WINDOW).encode())
    assert {trace["Id"][-1] for trace in answer.document()["TraceSummaries"]} >= {"1", "2"}


@settings(bounded, max_examples=100)
@given(members=hostile_members | odd_members, number=st.integers(3, 50))
def test_segments_of_any_shape(cloud: RunningCloud, members: dict[str, Any], number: int) -> None:
    """A document is taken or listed with X-Ray's code; whatever was taken can be read in every way."""
    texts = [_segment(number, **members), json.dumps(members), _segment(number)]
    body = json.dumps({"TraceSegmentDocuments": texts}).encode()
    answer = send(cloud.aws_port, "POST", "/TraceSegments", body)
    assert answer.status == 200
    for refused in answer.document()["UnprocessedTraceSegments"]:
        assert refused["ErrorCode"] in {
            *("MissingId", "MissingName", "MissingTraceId", "MissingEndTime"),
            *("InvalidName", "InvalidTraceId", "InvalidSegment"),
        }
        assert f"ErrorCode: {refused['ErrorCode']}" in refused["Message"]
    trace_ids = [f"1-65538f80-{number:024x}"]
    for name, request in (
        ("BatchGetTraces", {"TraceIds": trace_ids}),
        ("GetTraceGraph", {"TraceIds": trace_ids}),
        ("GetTraceSummaries", {**WINDOW, "FilterExpression": 'service("web") {fault OR responsetime > 0}'}),
        ("GetTraceSummaries", {**WINDOW, "TimeRangeType": "Event"}),
        ("GetServiceGraph", WINDOW),
        ("GetTimeSeriesServiceStatistics", WINDOW),
    ):
        answer = send(cloud.aws_port, "POST", PATHS[name], json.dumps(request).encode())
        assert answer.status == 200, (name, answer.body[:500])
