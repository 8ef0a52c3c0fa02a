"""What the OTLP sink makes of bad answers: bounded in time and size, and every span counted."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from services.tracing import honeycomb
from services.tracing.honeycomb import HoneycombSink
from services.tracing.sending import otlp_sender, retry_after
from services.tracing.sending.otlp_target import Target, target_of
from services.tracing.settings import TracingSettings
from tests.backend.tracing.bad_servers import Answering, dripping, raw_server, resetting
from tests.backend.tracing.servers import WAIT_SECONDS, Answer, Request, http_server
from tests.backend.tracing.spans import make_span

OLD_KEY, NEW_KEY = "hcaik_" + "o" * 58, "hcaik_" + "n" * 58


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries, and for an answer, are cut short."""
    monkeypatch.setattr(retry_after, "FIRST_BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(retry_after, "RETRY_AFTER_MAX_SECONDS", 0.01)
    monkeypatch.setattr(otlp_sender, "ANSWER_TIMEOUT_SECONDS", 0.3)


def deadline() -> float:
    """Return some seconds from now, on the sinks' clock."""
    return time.monotonic() + WAIT_SECONDS


@contextmanager
def sending(url: str, *, is_compressed: bool = True) -> Iterator[HoneycombSink]:
    """Run a sink towards a URL."""
    target = Target(url, {"x-honeycomb-team": OLD_KEY}, has_loaded_key=True)
    sink = HoneycombSink(target, is_compressed=is_compressed)
    sink.start()
    try:
        yield sink
    finally:
        sink.close(time.monotonic() + 1)


def sizes(requests: list[Request]) -> list[int]:
    """Return how many spans each request carried."""
    return [
        sum(
            len(scope.spans)
            for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans
            for scope in resource.scope_spans
        )
        for request in requests
    ]


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n"
NEVER_ENDING: dict[str, tuple[Answering, dict[str, int], int]] = {
    "status line": (dripping(b"HTTP/1.1 2", b"0"), {"timeout": 1}, 0),
    "headers": (dripping(OK, b"x-more: y\r\n"), {"timeout": 1}, 0),
    "nothing": (dripping(b"", b""), {"timeout": 1}, 0),
    "body with a length": (dripping(OK + b"Content-Length: 4000\r\n\r\n", b"\0"), {}, 1),
    "body in chunks": (dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n\0\r\n"), {}, 1),
    "body without end": (dripping(OK + b"\r\n", b"\0"), {}, 1),
    "huge body": (dripping(OK + b"\r\n", b"\0" * 100_000), {}, 1),
    "error with a body": (dripping(b"HTTP/1.1 400 no\r\n\r\n", b"x"), {"400": 1}, 0),
    "reset": (resetting, {"unreachable": 1}, 0),
}


@pytest.mark.parametrize(("answer", "dropped", "sent"), NEVER_ENDING.values(), ids=NEVER_ENDING)
def test_an_answer_that_never_ends_is_given_up(
    monkeypatch: pytest.MonkeyPatch, answer: Answering, dropped: dict[str, int], sent: int
) -> None:
    """Though something comes all the time. A 200 counts as sent, whatever its body may be."""
    monkeypatch.setattr(otlp_sender, "ATTEMPTS_MAX", 2)
    with raw_server(answer) as (url, _), sending(url) as sink:
        sink.send([make_span()])
        assert sink.flush(deadline())
    assert sink.counters.status()["dropped"] == dropped
    assert sink.counters.status()["sent"] == sent


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS for 127.0.0.1, which this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path / "tls.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(plain + certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_answers_over_tls_are_bounded_too(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """A good answer is taken, one that drips is given up."""
    monkeypatch.setattr(otlp_sender, "ATTEMPTS_MAX", 1)
    good, drips = dripping(OK + b"Content-Length: 0\r\n\r\n", b""), dripping(b"HTTP/1.1 2", b"0")
    for answer, dropped in ((good, {}), (drips, {"timeout": 1})):
        with raw_server(answer, tls) as (url, _), sending(url.replace("http:", "https:")) as sink:
            sink.send([make_span()])
            assert sink.flush(deadline())
        assert sink.counters.status()["dropped"] == dropped
        assert sink.counters.status()["sent"] == 1 - sum(dropped.values())


def test_the_timeout_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """OTEL_EXPORTER_OTLP_TIMEOUT bounds the answer to each try, where it is shorter than the default."""
    monkeypatch.setattr(otlp_sender, "ANSWER_TIMEOUT_SECONDS", 3600.0)
    variables = {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "100"}
    with raw_server(dripping(b"", b"")) as (url, _):
        settings = TracingSettings.from_environment({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": url, **variables})
        sink = HoneycombSink(target_of(settings, None)[0])
        sink.start()
        sink.send([make_span()])
        assert sink.flush(deadline())
        sink.close(deadline())
    assert sink.counters.status()["dropped"] == {"timeout": 1}


def test_a_batch_that_is_too_large_is_sent_in_halves() -> None:
    """413: whatever the back end's limit is, only a span that is alone too large is dropped."""

    def answer(request: Request) -> Answer:
        return Answer(413 if len(request.body) > 5000 else 200)

    spans = [*[make_span(str(number), a="x" * 1000) for number in range(7)], make_span(a="x" * 6000)]
    with http_server(answer) as server, sending(f"{server.url}/v1/traces") as sink:
        sink.send(spans)
        assert sink.flush(deadline())
    assert sink.counters.status()["sent"] == 7
    assert sink.counters.status()["dropped"] == {"413": 1}
    assert sizes(server.requests)[0] == 8


@pytest.mark.parametrize("value", ["31536000", "-5", "soon", "1e400", "Fri, 31 Dec 9999 23:59:59 GMT", "nan"])
def test_an_absurd_retry_after_is_bounded(value: str) -> None:
    """A year, the past or a word: the tries go on within their limits."""
    answers = iter([Answer(429, headers={"Retry-After": value}), Answer()])
    with http_server(lambda _: next(answers)) as server, sending(f"{server.url}/v1/traces") as sink:
        sink.send([make_span()])
        assert sink.flush(deadline())
    assert sink.counters.status()["sent"] == 1


@given(st.text() | st.floats().map(str) | st.integers().map(str) | st.datetimes().map(str))
def test_no_retry_after_is_out_of_bounds(header: str) -> None:
    """Whatever the header holds, it is a wait within the limit, or none."""
    seconds = retry_after.retry_after_seconds(header)
    assert seconds is None or 0 <= seconds <= retry_after.RETRY_AFTER_MAX_SECONDS


@pytest.mark.parametrize("is_compressed", [True, False])
def test_compression_is_a_setting(is_compressed: bool) -> None:
    """The body is gzip, and says so, or neither."""
    with (
        http_server(lambda _: Answer()) as server,
        sending(f"{server.url}/v1/traces", is_compressed=is_compressed) as sink,
    ):
        sink.send([make_span()])
        assert sink.flush(deadline())
    (request,) = server.requests
    assert request.headers.get("content-encoding") == ("gzip" if is_compressed else None)
    assert sizes([request]) == [1]


def by_key(request: Request) -> Answer:
    """Accept the new key alone."""
    return Answer(200 if request.headers["x-honeycomb-team"] == NEW_KEY else 401)


def test_a_refused_batch_is_sent_with_the_new_key(caplog: pytest.LogCaptureFixture) -> None:
    """A look at the parameters is asked for, and the batch waits for it; none of its spans is lost."""
    with http_server(by_key) as server, sending(f"{server.url}/v1/traces") as sink:
        target = Target(f"{server.url}/v1/traces", {"x-honeycomb-team": NEW_KEY}, has_loaded_key=True)

        def ask() -> float:
            sink.sender.take(target)
            return 0.0

        sink.sender.ask_for_look = ask
        sink.send([make_span(), make_span()])
        assert sink.flush(deadline())
    assert sink.counters.status()["sent"] == 2
    assert sink.counters.status()["dropped"] == {}
    assert [request.headers["x-honeycomb-team"] for request in server.requests] == [OLD_KEY, NEW_KEY]
    said = [r.getMessage() for r in caplog.records if "does not accept the key" in r.getMessage()]
    assert len(said) == 1
    assert "without a restart" in said[0]
    assert OLD_KEY not in caplog.text
    assert OLD_KEY not in repr(replace(target, headers={"x-honeycomb-team": OLD_KEY}))


def test_new_keys_that_are_refused_too_are_not_tried_for_ever() -> None:
    """A key may change as often as it likes: a batch is tried a few times."""
    with http_server(lambda _: Answer(401)) as server, sending(f"{server.url}/v1/traces") as sink:

        def ask() -> float:
            sink.sender.take(Target(f"{server.url}/v1/traces", {}, has_loaded_key=True))
            return 0.0

        sink.sender.ask_for_look = ask
        sink.send([make_span()])
        assert sink.flush(deadline())
    assert len(server.requests) == otlp_sender.ATTEMPTS_MAX
    assert sink.counters.status()["dropped"] == {"401": 1}


def test_a_refused_batch_waits_for_the_new_key_while_there_is_room() -> None:
    """However far the next look is: what comes waits behind it, and none of it is lost."""
    with http_server(by_key) as server, sending(f"{server.url}/v1/traces") as sink:
        sink.sender.ask_for_look = lambda: 60.0
        for _ in range(3):
            sink.send([make_span()])
        server.wait_for(1)
        sink.sender.take(None)  # a look that found nothing
        assert sink.counters.status()["dropped"] == {}
        sink.sender.take(Target(f"{server.url}/v1/traces", {"x-honeycomb-team": NEW_KEY}))
        assert sink.flush(deadline())
    assert sink.counters.status()["sent"] == 3
    assert sink.counters.status()["dropped"] == {}
    assert [request.headers["x-honeycomb-team"] for request in server.requests].count(OLD_KEY) == 1


def test_a_refused_batch_is_dropped_where_room_is_out() -> None:
    """It must not make the queue drop what comes: the oldest go, until half of the room is free."""
    span = make_span()
    with http_server(lambda _: Answer(401)) as server:
        sink = HoneycombSink(Target(f"{server.url}/v1/traces", has_loaded_key=True), capacity=8, batch=1)
        sink.sender.ask_for_look = lambda: 60.0
        for _ in range(8):
            sink.send([span])
        sink.start()
        with sink._clock.changed:
            assert sink._clock.changed.wait_for(lambda: sink._waiting_spans < 4, WAIT_SECONDS)
        assert set(sink.counters.status()["dropped"]) == {"401"}
        sink.close(deadline())
    assert sink.counters.status()["dropped"] == {"401": 8}


def test_a_stop_does_not_wait_for_a_look_that_has_not_begun() -> None:
    """What can't be sent with the key there is, is counted; the deadline isn't used up."""
    with http_server(lambda _: Answer(401)) as server:
        sink = HoneycombSink(Target(f"{server.url}/v1/traces", has_loaded_key=True))
        sink.sender.ask_for_look = lambda: 5.0
        sink.start()
        sink.send([make_span()])
        server.wait_for(1)
        sink.close(time.monotonic() + 3600)
    assert sink.counters.status()["dropped"] == {"401": 1}


def test_long_strings_that_wait_are_bounded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bytes count as spans do; one line says that dropping begins, one that there is room again."""
    caplog.set_level("INFO")
    monkeypatch.setattr(honeycomb, "LONG_BYTES_MAX", 1000)
    span = make_span()
    span.long_bytes = 400  # type: ignore[attr-defined]
    answers = iter([Answer(503), *[Answer()] * 9])
    with http_server(lambda _: next(answers)) as server:
        sink = HoneycombSink(Target(f"{server.url}/v1/traces"))
        for _ in range(4):
            sink.send([span])  # the thread isn't started: all of it waits
        assert sink.counters.status()["dropped"] == {"queue_full": 2}
        sink.start()
        assert sink.flush(deadline())
        sink.send([span, span])
        assert sink.flush(deadline())
        sink.close(deadline())
    assert sink.counters.status()["sent"] == 4
    lines = [
        r.getMessage() for r in caplog.records if "spans" in r.getMessage() and "down" not in r.getMessage()
    ]
    assert len(lines) == 2
    assert "too many spans wait" in lines[0]
    assert "room for spans again" in lines[1]
