"""Segments from the UDP port to PutTraceSegments."""

import json
import random
import re
import socket

import pytest
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.models.segment import Segment
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localcloud.daemon import create_daemon
from localcloud.daemon.connection import Answer
from localcloud.daemon.errors import PortsUnavailableError
from localcloud.daemon.http_server import Request

from .conftest import HEADER, Endpoint, LoopThread, Running, json_answer, running, wait_until


def test_aws_xray_sdk_sends_a_segment_through(daemon: Running, endpoint: Endpoint) -> None:
    """What the SDK's emitter sends arrives at PutTraceSegments unchanged."""
    segment = Segment("cruddur")
    segment.close()
    emitter = UDPEmitter(daemon.address)
    try:
        emitter.send_entity(segment)
        wait_until(lambda: daemon.daemon.counters()["forwarded"] == 1)
    finally:
        emitter._socket.close()
    assert [json.loads(document)["id"] for document in endpoint.documents()] == [segment.id]


def test_requests_carry_a_valid_signature(daemon: Running, endpoint: Endpoint) -> None:
    """Signing the same request again with the same keys and time gives the same Authorization."""
    daemon.send(HEADER + b"{}")
    wait_until(lambda: len(endpoint.requests) == 1)
    assert_signed(endpoint.requests[0], endpoint.url)


def assert_signed(request: Request, origin: str) -> None:
    """Check the SigV4 signature for service xray, region us-east-1, keys test/test."""
    headers = {name.decode().lower(): value.decode() for name, value in request.headers}
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=test/(\d{8})/us-east-1/xray/aws4_request, "
        r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
        headers["authorization"],
    )
    assert found is not None
    names = found[2].split(";")
    assert {"host", "x-amz-date"} <= set(names)
    again = AWSRequest(
        request.method, origin + request.target, {name: headers[name] for name in names}, request.body
    )
    again.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials("test", "test"), "xray", "us-east-1")
    assert auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again) == found[3]


def test_batches_hold_fifty_documents_and_stop_sends_the_rest(thread: LoopThread, endpoint: Endpoint) -> None:
    """Full batches go at once; what is in the socket or the queue at a stop is sent before it ends."""
    with running(thread, endpoint.url, flush_interval=3600) as daemon:
        for number in range(1234):
            daemon.send(HEADER + b'{"id":"%d"}' % number)
        counters = daemon.stop()
    sizes = [len(json.loads(request.body)["TraceSegmentDocuments"]) for request in endpoint.requests]
    assert sorted(sizes, reverse=True) == [50] * 24 + [34]
    assert sorted(int(json.loads(document)["id"]) for document in endpoint.documents()) == list(range(1234))
    assert counters["received"] == counters["accepted"] == counters["forwarded"] == 1234
    assert counters["queued"] == counters["spillover"] == counters["dropped_by_kernel"] == 0


def test_a_document_of_the_largest_datagram_passes(daemon: Running, endpoint: Endpoint) -> None:
    """65,507 bytes, the most that IPv4 carries, are read whole."""
    document = b'{"name":"' + b"x" * (65_507 - len(HEADER) - 11) + b'"}'
    daemon.send(HEADER + document)
    wait_until(lambda: endpoint.documents() == [document.decode()])


def test_connection_is_kept_between_batches(daemon: Running, endpoint: Endpoint) -> None:
    """Batches one after another use one connection."""
    for batch in range(3):
        daemon.send(HEADER + b"{}")
        wait_until(lambda: daemon.daemon.counters()["forwarded"] > batch)  # noqa: B023  # called at once
    assert endpoint.connections == 1


def test_unprocessed_segments_are_counted_by_code(daemon: Running, endpoint: Endpoint) -> None:
    """X-Ray answers 200 and names the segments that it refused; those are not forwarded ones."""
    endpoint.answer = lambda _: json_answer(
        {
            "UnprocessedTraceSegments": [
                {"Id": "1", "ErrorCode": "MissingName", "Message": "Invalid segment. ErrorCode: MissingName"},
                {"ErrorCode": "InvalidSegment", "Message": "Invalid segment. ErrorCode: InvalidSegment"},
            ]
        }
    )
    for _ in range(3):
        daemon.send(HEADER + b"{}")
    counters = daemon.stop()
    assert counters["forwarded"] == 1
    assert counters["unprocessed"] == 2
    assert counters["unprocessed.MissingName"] == counters["unprocessed.InvalidSegment"] == 1


def test_malformed_packets_are_counted_and_harmless(daemon: Running, endpoint: Endpoint) -> None:
    """Among a thousand random packets the good one still arrives, and each packet is counted once."""
    chance = random.Random(7)
    for _ in range(1000):
        daemon.send(chance.randbytes(chance.randrange(200)))
    daemon.send(b'{"format":"json","version":2}\n{}')
    daemon.send(HEADER + b'{"id":"good"}')
    counters = daemon.stop()
    assert counters["received"] == 1002
    assert counters["rejected"] == 1001
    assert counters["rejected.bad_version"] == 1
    causes = {name: count for name, count in counters.items() if name.startswith("rejected.")}
    assert sum(causes.values()) == 1001
    assert endpoint.documents() == ['{"id":"good"}']


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_retried(daemon: Running, endpoint: Endpoint, status: int) -> None:
    """Throttling and server errors lose nothing when the next attempt succeeds."""
    good = endpoint.answer
    endpoint.answer = lambda request: Answer(status) if len(endpoint.requests) == 1 else good(request)
    daemon.send(HEADER + b"{}")
    counters = daemon.stop()
    assert counters["forwarded"] == counters["retries"] == 1
    assert counters[f"backend_errors.http_{status}"] == 1


@pytest.mark.parametrize(
    ("answer", "cause", "calls"),
    [
        (Answer(403), "http_403", 1),
        (Answer(500), "http_500", 3),
        (Answer(200, body=b"no JSON"), "bad_answer", 1),
        (Answer(200, body=b"[]"), "bad_answer", 1),
    ],
)
def test_a_lasting_failure_is_counted_by_cause(
    daemon: Running, endpoint: Endpoint, answer: Answer, cause: str, calls: int
) -> None:
    """Retries are bounded; segments that could not be sent are counted as failed, and the daemon goes on."""
    good = endpoint.answer
    endpoint.answer = lambda _: answer
    daemon.send(HEADER + b"{}")
    wait_until(lambda: daemon.daemon.counters()["failed"] == 1)
    assert daemon.daemon.counters()[f"failed.{cause}"] == 1
    assert len(endpoint.requests) == calls
    endpoint.answer = good
    daemon.send(HEADER + b"{}")
    wait_until(lambda: daemon.daemon.counters()["forwarded"] == 1)


def test_an_endpoint_that_is_down_costs_segments_not_the_daemon(thread: LoopThread) -> None:
    """Segments fail as connection_refused after the retries."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with running(thread, url, flush_interval=0.01) as daemon:
            daemon.send(HEADER + b"{}")
            wait_until(lambda: daemon.daemon.counters()["failed"] == 1)
            counters = daemon.stop()
    assert counters["failed.connection_refused"] == 1
    assert counters["backend_errors.connection_refused"] == 3


def test_stop_gives_up_at_its_deadline_and_counts_the_rest(thread: LoopThread) -> None:
    """With an endpoint that never answers, every accepted segment ends as failed."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with running(thread, url, flush_interval=0.01) as daemon:
            for _ in range(1000):
                daemon.send(HEADER + b"{}")
            counters = daemon.stop(deadline=0.1)
    assert counters["accepted"] == 1000
    assert counters["failed"] == counters["failed.stopped"] == 1000
    assert counters["queued"] == 0


def test_a_taken_port_is_one_clear_error(thread: LoopThread, endpoint: Endpoint) -> None:
    """The error names address and protocol; no socket of the pair stays open."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        daemon = create_daemon(host="127.0.0.1", port=port, aws_endpoint_url=endpoint.url)
        with pytest.raises(PortsUnavailableError, match=rf"127\.0\.0\.1:{port} is in use for UDP"):
            thread.run(daemon.start())
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


def test_a_number_that_is_no_port_is_one_clear_error(thread: LoopThread, endpoint: Endpoint) -> None:
    """Not an OverflowError from the depth of the socket module."""
    daemon = create_daemon(host="127.0.0.1", port=70_000, aws_endpoint_url=endpoint.url)
    with pytest.raises(PortsUnavailableError, match=r"127\.0\.0\.1:70000 is no port number"):
        thread.run(daemon.start())


def test_stop_without_start_does_nothing(thread: LoopThread, endpoint: Endpoint) -> None:
    """A daemon that never started can be stopped."""
    thread.run(create_daemon(host="127.0.0.1", port=0, aws_endpoint_url=endpoint.url).stop())


def test_an_endpoint_that_is_no_url_is_refused() -> None:
    """The message names the value and shows a good one."""
    with pytest.raises(ValueError, match=r"'localhost' is no http\(s\) URL such as http://127\.0\.0\.1:4566"):
        create_daemon(host="127.0.0.1", port=0, aws_endpoint_url="localhost")
