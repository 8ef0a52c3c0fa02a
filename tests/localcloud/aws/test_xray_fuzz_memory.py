"""Bodies as long as they may be, of as much as fits in: what they cost at most in memory, at any moment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.localcloud.aws.fuzzing import MIB, PATHS, assert_refused
from tests.localcloud.aws.raw import send
from tests.localcloud.clients.cloud import running_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localcloud.clients.cloud import RunningCloud

PEAK_GROWS_MAX_BYTES = 64 * MIB
DERIVED_PEAK_GROWS_MAX_BYTES = 192 * MIB
SEGMENTS, BODY = 10 * MIB, MIB
_TRACE = "1-65538f80-0123456789abcdef01234567"
_TIME = int("65538f80", 16)


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningCloud]:
    """A local cloud for these tests alone, which has answered before."""
    with running_cloud() as running:
        send(running.aws_port, "POST", "/TraceSummaries", b'{"StartTime":0,"EndTime":1}')
        send(running.aws_port, "POST", "/TraceSegments", b'{"TraceSegmentDocuments":[""]}')
        yield running


def _full(size: int, head: str, item: str, tail: str = "]}") -> bytes:
    """Return a body of `size` bytes at most, with as many items as fit in."""
    count = (size - len(head) - len(tail) + 1) // (len(item) + 1)
    return (head + ",".join([item] * count) + tail).encode()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("PutTraceSegments", _full(SEGMENTS, '{"TraceSegmentDocuments":[', '""')),
        ("PutTraceSegments", _full(SEGMENTS, '{"TraceSegmentDocuments":[', '"{}"')),
        ("PutTraceSegments", _full(SEGMENTS, '{"TraceSegmentDocuments":[', '"[]"', '],"More":1}')),
        ("PutTraceSegments", _full(SEGMENTS, '{"TraceSegmentDocuments":[', "{}")),
        ("PutTraceSegments", _full(SEGMENTS, '{"TraceSegmentDocuments":[', "5")),
        ("PutTraceSegments", _full(SEGMENTS, '{"More":[', "[]", '],"TraceSegmentDocuments":[]}')),
        ("PutTelemetryRecords", _full(BODY, '{"TelemetryRecords":[', '{"Timestamp":1}')),
        ("PutTelemetryRecords", _full(BODY, '{"TelemetryRecords":[', "{}")),
        ("GetSamplingTargets", _full(BODY, '{"SamplingStatisticsDocuments":[', "{}")),
        ("GetSamplingTargets", _full(BODY, '{"SamplingStatisticsDocuments":[', "[]")),
        ("UntagResource", _full(BODY, '{"ResourceARN":"x","TagKeys":[', '""')),
        ("TagResource", _full(BODY, '{"ResourceARN":"x","Tags":[', "{}")),
        ("CreateGroup", _full(BODY, '{"GroupName":"x","Tags":[', '{"Key":"","Value":""}')),
        ("BatchGetTraces", _full(BODY, '{"TraceIds":[', '""')),
        ("BatchGetTraces", _full(BODY, '{"TraceIds":[', f'"{_TRACE}"')),
        ("StartTraceRetrieval", _full(BODY, '{"StartTime":0,"EndTime":1,"TraceIds":[', '"a"')),
    ],
)
def test_as_much_as_fits_in(cloud: RunningCloud, name: str, body: bytes) -> None:
    """A body just below the limit, of many small items, is answered at a bounded cost of memory."""
    cloud.begin_peak()
    before = cloud.peak_bytes()
    answer = send(cloud.aws_port, "POST", PATHS[name], body)
    if answer.status != 200:
        assert_refused(answer)
    assert cloud.peak_bytes() - before < PEAK_GROWS_MAX_BYTES


def _documents(count: int, size: int) -> bytes:
    """Return a body of documents in as many traces, each of `size` bytes at most, full of subsegments."""
    texts = []
    for number in range(count):
        part = {"id": f"{number:016x}", "name": "a", "start_time": _TIME, "end_time": _TIME}
        segment = {**part, "trace_id": f"1-65538f80-{number:024x}"}
        room = size - len(json.dumps({**segment, "subsegments": []}))
        segment["subsegments"] = [part] * (room // (len(json.dumps(part)) + 2))
        texts.append(json.dumps(segment))
    body = json.dumps({"TraceSegmentDocuments": texts}).encode()
    assert len(body) < SEGMENTS
    return body


@pytest.mark.parametrize(("count", "size"), [(9_999, 600), (120, 63_000)])
def test_segments_that_are_taken(cloud: RunningCloud, count: int, size: int) -> None:
    """As many segments as a call may have, or as long ones, are bounded in cost, read or not."""
    body = _documents(count, size)
    cloud.begin_peak()
    before = cloud.peak_bytes()
    answer = send(cloud.aws_port, "POST", "/TraceSegments", body)
    assert answer.document() == {"UnprocessedTraceSegments": []}
    window = {"StartTime": _TIME, "EndTime": _TIME + 1}
    for path in ("/TraceSummaries", "/ServiceGraph"):
        assert send(cloud.aws_port, "POST", path, json.dumps(window).encode()).status == 200
    assert cloud.peak_bytes() - before < DERIVED_PEAK_GROWS_MAX_BYTES
