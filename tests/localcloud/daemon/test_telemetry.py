"""PutTelemetryRecords."""

import asyncio
import json

import botocore.session
from botocore.validate import ParamValidator

from localcloud.daemon.connection import Answer
from localcloud.daemon.telemetry import telemetry_record

from .conftest import HEADER, Endpoint, LoopThread, running, wait_until


def test_record_holds_what_rose_since_the_last_one() -> None:
    """Counts are differences; errors are sorted into X-Ray's kinds."""
    before = {"received": 5, "forwarded": 5}
    now = {
        "received": 9,
        "forwarded": 6,
        "rejected": 1,
        "spillover": 2,
        "backend_errors": 6,
        "backend_errors.timeout": 1,
        "backend_errors.http_503": 2,
        "backend_errors.http_403": 1,
        "backend_errors.other": 2,
    }
    assert telemetry_record(before, now, 12.5) == {
        "Timestamp": 12.5,
        "SegmentsReceivedCount": 4,
        "SegmentsSentCount": 1,
        "SegmentsSpilloverCount": 2,
        "SegmentsRejectedCount": 1,
        "BackendConnectionErrors": {
            "TimeoutCount": 1,
            "ConnectionRefusedCount": 0,
            "UnknownHostCount": 0,
            "HTTPCode4XXCount": 1,
            "HTTPCode5XXCount": 2,
            "OtherCount": 2,
        },
    }


def test_records_follow_the_first_segment_and_fit_the_api(thread: LoopThread, endpoint: Endpoint) -> None:
    """Nothing is told while nothing arrived; then records are valid input of PutTelemetryRecords."""
    with running(thread, endpoint.url, flush_interval=0.01, telemetry_interval=0.02) as daemon:
        daemon.send(HEADER + b"{}")
        wait_until(lambda: daemon.daemon.counters()["telemetry_records"] > 0)
    paths = [request.target for request in endpoint.requests]
    assert set(paths) == {"/TraceSegments", "/TelemetryRecords"}
    body = json.loads(endpoint.requests[paths.index("/TelemetryRecords")].body)
    shape = botocore.session.get_session().get_service_model("xray").operation_model("PutTelemetryRecords")
    assert shape.http["requestUri"] == "/TelemetryRecords"
    assert shape.input_shape is not None
    assert not ParamValidator().validate(body, shape.input_shape).has_errors()
    assert sum(record["SegmentsReceivedCount"] for record in body["TelemetryRecords"]) == 1


def test_a_daemon_without_segments_is_silent(thread: LoopThread, endpoint: Endpoint) -> None:
    """Many intervals pass without a call."""
    with running(thread, endpoint.url, telemetry_interval=0.001) as daemon:
        for _ in range(20):
            thread.run(asyncio.sleep(0.002))
        assert daemon.daemon.counters()["telemetry_records"] == 0
    assert endpoint.requests == []


def test_records_that_cannot_be_sent_are_kept_ten_at_most(thread: LoopThread, endpoint: Endpoint) -> None:
    """A failing endpoint gets the newest ten records again, and all of them once it works."""
    endpoint.answer = lambda _: Answer(500)
    with running(thread, endpoint.url, flush_interval=3600, telemetry_interval=0.002) as daemon:
        daemon.send(b"malformed")
        wait_until(lambda: any(_records(request.body) == 10 for request in list(endpoint.requests)))
        assert max(_records(request.body) for request in list(endpoint.requests)) == 10
        assert daemon.daemon.counters()["telemetry_records"] == 0
        endpoint.answer = lambda _: Answer(200, body=b"{}")
        wait_until(lambda: daemon.daemon.counters()["telemetry_records"] >= 10)


def _records(body: bytes) -> int:
    return len(json.loads(body)["TelemetryRecords"])
