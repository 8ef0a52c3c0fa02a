"""The OTLP sink against a real HTTP server."""

import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import ReadableSpan

from services.tracing import honeycomb
from services.tracing.honeycomb import HoneycombSink
from services.tracing.sending import otlp, otlp_sender, retry_after
from services.tracing.sending.otlp_target import Target
from tests.backend.tracing.servers import WAIT_SECONDS, Answer, HttpServer, Request, closed_port, http_server
from tests.backend.tracing.spans import make_span

KEY = "hcaik_" + "k" * 58


class Broken(ReadableSpan):
    """A span that can't be read."""

    @property
    def name(self) -> str:
        raise RuntimeError


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries are cut short; that they are made is what the tests see."""
    monkeypatch.setattr(retry_after, "FIRST_BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(otlp_sender, "CONNECT_TIMEOUT_SECONDS", 1.0)


def deadline(seconds: float = WAIT_SECONDS) -> float:
    """Return so many seconds from now, on the sinks' clock."""
    return time.monotonic() + seconds


@contextmanager
def sending(server: HttpServer | str) -> Iterator[HoneycombSink]:
    """Run a sink towards a server."""
    url = server if isinstance(server, str) else f"{server.url}/v1/traces"
    sink = HoneycombSink(Target(url, {"x-honeycomb-team": KEY}, has_loaded_key=True))
    sink.start()
    try:
        yield sink
    finally:
        sink.close(deadline(1))


def names(requests: Sequence[Request]) -> list[str]:
    """Return the names of the spans that arrived."""
    return [
        span.name
        for request in requests
        for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_a_batch_is_one_request() -> None:
    """Protobuf, gzip, the key in its header, the ids as recorded, the resource once."""
    spans = [make_span("a"), make_span("b")]
    with http_server(lambda _: Answer()) as server, sending(server) as sink:
        sink.send(spans)
        assert sink.flush(deadline())
    (request,) = server.requests
    assert request.path == "/v1/traces"
    assert request.headers["x-honeycomb-team"] == KEY
    assert request.headers["content-type"] == "application/x-protobuf"
    assert request.headers["content-encoding"] == "gzip"
    (resource,) = ExportTraceServiceRequest.FromString(request.body).resource_spans
    sent = [span.trace_id.hex() for scope in resource.scope_spans for span in scope.spans]
    assert sent == [f"{span.context.trace_id:032x}" for span in spans]
    assert sink.counters.status() == {"sent": 2, "dropped": {}, "shortened": 0, "last_error": None}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    """A busy or failing back end gets the same batch again, and nothing is lost."""
    answers = iter([Answer(status), Answer(status, headers={"Retry-After": "0"}), Answer()])
    with http_server(lambda _: next(answers)) as server, sending(server) as sink:
        sink.send([make_span()])
        assert sink.flush(deadline())
    assert len(server.requests) == 3
    assert sink.counters.status()["sent"] == 1
    assert str(status) in sink.counters.status()["last_error"]


def test_tries_are_bounded() -> None:
    """A back end that always fails gets the batch a few times; then it is dropped and counted."""
    with http_server(lambda _: Answer(503)) as server, sending(server) as sink:
        sink.send([make_span(), make_span()])
        assert sink.flush(deadline())
    assert len(server.requests) == otlp_sender.ATTEMPTS_MAX
    assert sink.counters.status()["dropped"] == {"503": 2}


@pytest.mark.parametrize("status", [301, 400, 403, 413, 415])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    """A refusal, and a redirect that would carry the key elsewhere, is counted by its status."""
    with (
        http_server(lambda _: Answer(status, headers={"Location": "/elsewhere"})) as server,
        sending(server) as sink,
    ):
        sink.send([make_span()])
        assert sink.flush(deadline())
    assert len(server.requests) == 1
    assert sink.counters.status()["dropped"] == {str(status): 1}


def test_a_wrong_key_is_said_once_and_counted_on(caplog: pytest.LogCaptureFixture) -> None:
    """One line names the remedy, none holds the key, and every span is counted."""
    with (
        caplog.at_level(logging.DEBUG),
        http_server(lambda _: Answer(401)) as server,
        sending(server) as sink,
    ):
        for _ in range(3):
            sink.send([make_span()])
            assert sink.flush(deadline())
    assert sink.counters.status()["dropped"] == {"401": 3}
    assert len(server.requests) == 3
    said = [
        record.getMessage() for record in caplog.records if "does not accept the key" in record.getMessage()
    ]
    assert len(said) == 1
    assert "make rotate-honeycomb-key" in said[0]
    assert KEY not in caplog.text


def test_an_absent_back_end_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Connection errors are tried again, then dropped; one line says that it is down."""
    host, port = closed_port(socket.SOCK_STREAM)
    with sending(f"http://{host}:{port}/v1/traces") as sink:
        sink.send([make_span()])
        sink.send([make_span()])
        assert sink.flush(deadline())
    assert sink.counters.status()["dropped"] == {"unreachable": 2}
    assert sum("is down" in record.getMessage() for record in caplog.records) == 1


def test_rejected_spans_are_counted() -> None:
    """A 200 may say that some spans were not taken."""
    partial = ExportTracePartialSuccess(rejected_spans=1, error_message="too old")
    body = ExportTraceServiceResponse(partial_success=partial).SerializeToString()
    with http_server(lambda _: Answer(body=body)) as server, sending(server) as sink:
        sink.send([make_span(), make_span()])
        assert sink.flush(deadline())
    assert sink.counters.status()["sent"] == 1
    assert sink.counters.status()["dropped"] == {"rejected": 1}


def test_one_bad_span_costs_only_itself() -> None:
    """A span that can't be encoded is counted, and its batch is sent."""
    with http_server(lambda _: Answer()) as server, sending(server) as sink:
        sink.send([make_span("good"), Broken("bad", make_span().context), make_span("other")])
        assert sink.flush(deadline())
    assert names(server.requests) == ["good", "other"]
    assert sink.counters.status()["dropped"] == {"unencodable": 1}
    assert sink.counters.status()["sent"] == 2


def test_large_batches_are_sent_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request is larger than what the back ends take, as long as a span isn't."""
    monkeypatch.setattr(otlp_sender, "BODY_MAX_BYTES", 20_000)
    with http_server(lambda _: Answer()) as server, sending(server) as sink:
        sink.send([make_span(str(number), a="x" * 5000) for number in range(10)])
        assert sink.flush(deadline())
    assert names(server.requests) == [str(number) for number in range(10)]
    assert max(len(request.body) for request in server.requests) <= 20_000


def test_a_slow_back_end_delays_nobody_and_fills_no_memory() -> None:
    """Handing over never waits; what exceeds the bound is dropped and counted."""
    release = threading.Event()

    def wait(_request: Request) -> Answer:
        release.wait(WAIT_SECONDS)
        return Answer()

    span = make_span()
    with http_server(wait) as server, sending(server) as sink:
        sink.send([span])
        server.wait_for(1)
        for _ in range(3):
            sink.send([span] * (honeycomb.WAITING_SPANS_MAX // 2))
        assert sink.counters.status()["dropped"] == {"queue_full": honeycomb.WAITING_SPANS_MAX // 2}
        release.set()
        assert sink.flush(deadline())
    assert sink.counters.status()["sent"] == honeycomb.WAITING_SPANS_MAX + 1


@pytest.mark.parametrize(
    ("batches", "together"),
    [
        ([3] * 5, [9, 6]),
        ([10, 10, 1, 9, 1], [10, 10, 10, 1]),
        ([4, 10, 4], [4, 10, 4]),
        ([25, 2, 3], [25, 5]),
    ],
)
def test_small_batches_that_wait_are_sent_together(batches: list[int], together: list[int]) -> None:
    """In their order, to at most a batch's spans: a back end that takes its time need not fall behind."""
    release = threading.Event()

    def wait(_request: Request) -> Answer:
        release.wait(WAIT_SECONDS)
        return Answer()

    with http_server(wait) as server:
        sink = HoneycombSink(Target(f"{server.url}/v1/traces"), batch=10)
        sink.start()
        sink.send([make_span("first")])
        server.wait_for(1)
        spans = [make_span(str(number)) for number in range(sum(batches))]
        start = 0
        for size in batches:
            sink.send(spans[start : start + size])
            start += size
        release.set()
        assert sink.flush(deadline())
        sink.close(deadline())
    assert [len(names([request])) for request in server.requests] == [1, *together]
    assert names(server.requests) == ["first", *(span.name for span in spans)]
    assert sink.counters.status()["sent"] == 1 + len(spans)


def test_long_batches_are_not_put_together() -> None:
    """What would make a request too large goes by itself."""
    spans = [make_span(str(number)) for number in range(3)]
    for span, long_bytes in zip(spans, (otlp.BODY_MAX_BYTES // 2, otlp.BODY_MAX_BYTES, 1), strict=True):
        span.long_bytes = long_bytes  # type: ignore[attr-defined]
    with http_server(lambda _: Answer()) as server:
        sink = HoneycombSink(Target(f"{server.url}/v1/traces"))
        for span in spans:
            sink.send([span])
        sink.start()
        assert sink.flush(deadline())
        sink.close(deadline())
    assert [names([request]) for request in server.requests] == [["0"], ["1"], ["2"]]


def test_stopping_sends_what_waits() -> None:
    """Nothing is lost at a normal stop."""
    with http_server(lambda _: Answer()) as server, sending(server) as sink:
        sink.send([make_span("a")])
        sink.close(deadline())
        sink.send([make_span("late")])
    assert names(server.requests) == ["a"]
    assert sink.counters.status()["dropped"] == {"stopped": 1}


def test_stopping_keeps_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A back end that is down doesn't hold the process; what could not be sent is counted."""
    monkeypatch.setattr(retry_after, "FIRST_BACKOFF_SECONDS", 60.0)
    monkeypatch.setattr(retry_after, "BACKOFF_MAX_SECONDS", 60.0)
    with http_server(lambda _: Answer(503)) as server:
        sink = HoneycombSink(Target(f"{server.url}/v1/traces"))
        sink.start()
        sink.send([make_span()])
        server.wait_for(1)
        sink.send([make_span()])
        sink.close(deadline(5))
    assert sum(sink.counters.status()["dropped"].values()) == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *((None, None), ("", None), ("2", 2.0), ("-1", 0.0), ("1e9", 30.0), ("nan", None), ("soon", None)),
        *(("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("Fri, 31 Dec 2100 23:59:59 GMT", 30.0)),
    ],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    """Seconds or a date, within bounds; anything else counts as absent."""
    assert retry_after.retry_after_seconds(header) == seconds
