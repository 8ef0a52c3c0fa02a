"""Retrieval of traces over boto3, and with a clock of the test's."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest
from moto.logs.models import logs_backends

from localcloud.aws.xray.exceptions import ResourceNotFoundError
from localcloud.aws.xray.retrieval import LIFE_SECONDS, RETRIEVALS_KEPT, Retrievals
from localcloud.aws.xray.tokens import write_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_xray import XRayClient

NOW = 1_700_000_000.0
WHOLE_TIME: Any = {"StartTime": 0, "EndTime": 4_000_000_000}
DEADLINE_SECONDS = 30


@pytest.fixture
def searched(xray: XRayClient) -> Iterator[XRayClient]:
    """An X-Ray whose spans' log group is there."""
    group = logs_backends["123456789012"][xray.meta.region_name]
    group.ensure_log_group("aws/spans")
    yield xray
    group.groups.pop("aws/spans", None)


def _trace_id() -> str:
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def _segment(trace_id: str, **members: Any) -> dict[str, Any]:
    start = time.time()
    times = {"start_time": start, "end_time": start + 0.25}
    return {"trace_id": trace_id, "id": secrets.token_hex(8), "name": "web", **times, **members}


def _put(xray: XRayClient, *documents: dict[str, Any]) -> None:
    for first in range(0, len(documents), 50):
        texts = [json.dumps(document) for document in documents[first : first + 50]]
        assert xray.put_trace_segments(TraceSegmentDocuments=texts)["UnprocessedTraceSegments"] == []


def _start(xray: XRayClient, *trace_ids: str, **times: Any) -> str:
    return xray.start_trace_retrieval(TraceIds=list(trace_ids), **{**WHOLE_TIME, **times})["RetrievalToken"]


def _complete(xray: XRayClient, token: str, **parameters: Any) -> Any:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (answer := xray.list_retrieved_traces(RetrievalToken=token, **parameters))[
        "RetrievalStatus"
    ] != "COMPLETE":
        assert answer["RetrievalStatus"] in {"SCHEDULED", "RUNNING"}
        assert answer["Traces"] == []
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def _pages(xray: XRayClient, token: str, **parameters: Any) -> list[Any]:
    pages = [_complete(xray, token, **parameters)]
    while "NextToken" in pages[-1]:
        pages.append(
            xray.list_retrieved_traces(RetrievalToken=token, NextToken=pages[-1]["NextToken"], **parameters)
        )
    return pages


def test_without_the_log_group_nothing_is_found(xray: XRayClient) -> None:
    """Where the destination never was CloudWatch Logs there is nothing to retrieve from: 404 says so."""
    logs_backends["123456789012"][xray.meta.region_name].groups.pop("aws/spans", None)
    with pytest.raises(xray.exceptions.ResourceNotFoundException, match="aws/spans") as caught:
        _start(xray, _trace_id())
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_traces_as_segments(searched: XRayClient) -> None:
    """XRAY, which is the default, gives the segments that BatchGetTraces gives, subsegments in place."""
    trace_id = _trace_id()
    root = _segment(trace_id)
    child = _segment(trace_id, name="db", type="subsegment", parent_id=root["id"], namespace="remote")
    _put(searched, root, child)
    answer = _complete(searched, _start(searched, trace_id, trace_id, _trace_id()))
    (found,) = answer["Traces"]
    assert (answer["TraceFormat"], found["Id"]) == ("XRAY", trace_id)
    (whole,) = searched.batch_get_traces(TraceIds=[trace_id])["Traces"]
    assert found["Duration"] == whole["Duration"]
    assert found["Spans"] == whole["Segments"]
    segment, inferred = (json.loads(span["Document"]) for span in found["Spans"])
    assert [one["name"] for one in segment["subsegments"]] == ["db"]
    assert (inferred["name"], inferred["inferred"]) == ("db", True)


def test_traces_as_spans(searched: XRayClient) -> None:
    """OTEL gives each segment and subsegment as a span of its own."""
    trace_id = _trace_id()
    child: Any = {key: value for key, value in _segment(trace_id).items() if key != "trace_id"}
    root = _segment(trace_id, subsegments=[child])
    _put(searched, root)
    answer = _complete(searched, _start(searched, trace_id), TraceFormat="OTEL")
    assert answer["TraceFormat"] == "OTEL"
    spans = [json.loads(span["Document"]) for span in answer["Traces"][0]["Spans"]]
    assert [span["Id"] for span in answer["Traces"][0]["Spans"]] == [root["id"], child["id"]]
    assert [(span["traceId"], span["spanId"], span.get("parentSpanId")) for span in spans] == [
        (trace_id[2:].replace("-", ""), root["id"], None),
        (trace_id[2:].replace("-", ""), child["id"], root["id"]),
    ]


def test_only_the_range_is_retrieved(searched: XRayClient) -> None:
    """A trace that goes on at either end of the range is in it; others aren't."""
    trace_id = _trace_id()
    document = _segment(trace_id, start_time=NOW, end_time=NOW + 2)
    _put(searched, document)
    found = [
        len(_complete(searched, _start(searched, trace_id, StartTime=start, EndTime=end))["Traces"])
        for start, end in ((NOW - 9, NOW), (NOW + 2, NOW + 9), (NOW - 9, NOW - 1), (NOW + 3, NOW + 9))
    ]
    assert found == [1, 1, 0, 0]


def test_pages_of_five_traces(searched: XRayClient) -> None:
    """Twelve traces come in three pages, each trace once, in either format."""
    trace_ids = [_trace_id() for _ in range(12)]
    _put(searched, *map(_segment, trace_ids))
    token = _start(searched, *trace_ids)
    for trace_format in ("XRAY", "OTEL"):
        pages = _pages(searched, token, TraceFormat=trace_format)
        assert [len(page["Traces"]) for page in pages] == [5, 5, 2]
        assert [trace["Id"] for page in pages for trace in page["Traces"]] == trace_ids


def test_a_trace_of_many_spans_comes_in_parts(searched: XRayClient) -> None:
    """No trace of an answer has more than 100 spans; the rest follows under the same id, nothing twice."""
    trace_id = _trace_id()
    documents = [_segment(trace_id, start_time=NOW + number, end_time=NOW + number) for number in range(650)]
    _put(searched, *documents)
    token = _start(searched, trace_id)
    pages = _pages(searched, token)
    parts = [trace for page in pages for trace in page["Traces"]]
    assert [len(page["Traces"]) for page in pages] == [5, 2]
    assert {trace["Id"] for trace in parts} == {trace_id}
    assert [span["Id"] for trace in parts for span in trace["Spans"]] == [
        document["id"] for document in documents
    ]


def test_a_segment_too_long_for_a_span_comes_in_parts(searched: XRayClient) -> None:
    """A segment that its subsegments make longer than a span may be gives them as they came."""
    trace_id = _trace_id()
    root = _segment(trace_id)
    more = {"metadata": {"default": {"text": "x" * 60_000}}, "type": "subsegment", "parent_id": root["id"]}
    _put(searched, root, *[_segment(trace_id, **more) for _ in range(5)])
    (trace,) = _complete(searched, _start(searched, trace_id))["Traces"]
    assert len(trace["Spans"]) == 6
    assert max(len(span["Document"]) for span in trace["Spans"]) <= 204_800


def test_cancelled_retrievals_stay_empty(searched: XRayClient) -> None:
    """A retrieval that is cancelled at once is CANCELLED for good; cancelling again, or too late, is fine."""
    trace_id = _trace_id()
    _put(searched, _segment(trace_id))
    token = _start(searched, trace_id)
    for _ in range(2):
        searched.cancel_trace_retrieval(RetrievalToken=token)
    answer = searched.list_retrieved_traces(RetrievalToken=token)
    assert (answer["RetrievalStatus"], answer["Traces"]) == ("CANCELLED", [])
    complete = _start(searched, trace_id)
    _complete(searched, complete)
    searched.cancel_trace_retrieval(RetrievalToken=complete)
    assert len(_complete(searched, complete)["Traces"]) == 1


def test_a_graph_of_what_was_retrieved(searched: XRayClient) -> None:
    """The services of the retrieved traces, and of them alone, once the retrieval is complete."""
    trace_id = _trace_id()
    _put(searched, _segment(trace_id, name="shop"), _segment(_trace_id(), name="other"))
    token = _start(searched, trace_id)
    early = searched.get_retrieved_traces_graph(RetrievalToken=token)
    assert early["RetrievalStatus"] in {"SCHEDULED", "RUNNING", "COMPLETE"}
    assert early["RetrievalStatus"] == "COMPLETE" or early["Services"] == []
    _complete(searched, token)
    answer = searched.get_retrieved_traces_graph(RetrievalToken=token)
    services = [service["Service"] for service in answer["Services"]]
    assert answer["RetrievalStatus"] == "COMPLETE"
    assert {service["Name"] for service in services} == {"shop"}
    own = next(service for service in services if service.get("State") == "active")
    assert own["SummaryStatistics"]["TotalCount"] == 1


def test_unknown_retrievals_are_not_found(xray: XRayClient) -> None:
    """A token that isn't one, or of another region, is 404 for each operation."""
    calls: Any = (xray.list_retrieved_traces, xray.get_retrieved_traces_graph, xray.cancel_trace_retrieval)
    for call in calls:
        with pytest.raises(xray.exceptions.ResourceNotFoundException, match="token not found"):
            call(RetrievalToken="x")


def test_wrong_requests(searched: XRayClient) -> None:
    """A range turned round, more than 100 ids, and tokens of other retrievals or formats are refused."""
    invalid = searched.exceptions.InvalidRequestException
    with pytest.raises(invalid, match="must not be later"):
        _start(searched, _trace_id(), StartTime=NOW, EndTime=NOW - 1)
    with pytest.raises(invalid, match="less than or equal to 100"):
        _start(searched, *[_trace_id() for _ in range(101)])
    one, other = _start(searched), _start(searched)
    page = write_token("ListRetrievedTraces", one, "XRAY", 0, 0)
    searched.list_retrieved_traces(RetrievalToken=one, NextToken=page)
    with pytest.raises(invalid, match="NextToken is of another"):
        searched.list_retrieved_traces(RetrievalToken=other, NextToken=page)
    with pytest.raises(invalid, match="NextToken is of another"):
        searched.list_retrieved_traces(RetrievalToken=one, NextToken=page, TraceFormat="OTEL")
    for wrong in ("x", write_token("ListRetrievedTraces", one, "XRAY", 0)):
        with pytest.raises(invalid, match="NextToken is invalid"):
            searched.list_retrieved_traces(RetrievalToken=one, NextToken=wrong)
    negative = write_token("ListRetrievedTraces", one, "XRAY", -1, 0)
    with pytest.raises(invalid, match="NextToken is of another"):
        searched.list_retrieved_traces(RetrievalToken=one, NextToken=negative)


def test_states_and_life_of_a_retrieval() -> None:
    """It is SCHEDULED, RUNNING, COMPLETE, and forgotten after an hour."""
    now = [NOW]
    retrievals = Retrievals(lambda: now[0])
    token = retrievals.start([], 0, 1)
    states = []
    for _ in range(4):
        states.append(retrievals.find(token).status(now[0]))
        now[0] += 0.4
    assert states == ["SCHEDULED", "RUNNING", "RUNNING", "COMPLETE"]
    now[0] = NOW + LIFE_SECONDS
    assert retrievals.find(token).status(now[0]) == "COMPLETE"
    now[0] += 1
    with pytest.raises(ResourceNotFoundError):
        retrievals.find(token)


def test_retrievals_are_bounded() -> None:
    """Of too many the oldest are forgotten."""
    retrievals = Retrievals(lambda: NOW)
    first, *_, last = [retrievals.start([], 0, 1) for _ in range(RETRIEVALS_KEPT + 1)]
    assert retrievals.find(last)
    with pytest.raises(ResourceNotFoundError):
        retrievals.find(first)
