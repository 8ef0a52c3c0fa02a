"""The X-Ray sink against real sockets."""

import json
import socket
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind

from services.tracing import aws_xray
from services.tracing.aws_xray import XRaySink
from services.tracing.translation.resource import view_of
from tests.backend.tracing.servers import closed_port, udp_receiver
from tests.backend.tracing.spans import RESOURCE, make_span
from xray.segments import validate_document


def receive(receiver: socket.socket) -> dict[str, Any]:
    """Return the next datagram's document."""
    header, _, document = receiver.recv(65_536).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    read: dict[str, Any] = json.loads(document)
    return read


def test_each_span_is_a_datagram_with_the_daemons_header() -> None:
    """What arrives is a document that X-Ray takes, and it is counted as sent."""
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        span = make_span()
        sink.send([span, make_span("work", a="ü")])
        first, second = receive(receiver), receive(receiver)
        sink.close()
    assert validate_document(first) == validate_document(second) == []
    assert first["id"] == f"{span.context.span_id:016x}"
    assert second["metadata"]["default"]["a"] == "ü"
    assert sink.counters.status() == {"sent": 2, "dropped": {}, "shortened": 0, "last_error": None}


def test_indexed_attributes_become_annotations() -> None:
    """Those that are named, or all of them: X-Ray's filter expressions find by annotations alone."""
    with udp_receiver() as receiver:
        named = XRaySink(receiver.getsockname(), indexed_attributes=("app.plan",))
        every = XRaySink(receiver.getsockname(), index_all_attributes=True)
        for sink in (named, every):
            sink.send([make_span("x", SpanKind.SERVER, **{"app.plan": "free", "app.region": "eu"})])
            sink.close()
        first, second = receive(receiver), receive(receiver)
    assert first["annotations"] == {"app.plan": "free"}
    assert {"app.plan": "free", "app.region": "eu"}.items() <= second["annotations"].items()


def test_what_is_too_large_is_shortened_and_counted() -> None:
    """A document beyond a datagram arrives all the same, marked."""
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        sink.send([make_span("x", SpanKind.SERVER, **{f"k{number}": "x" * 10_000 for number in range(100)})])
        document = receive(receiver)
        sink.close()
    assert validate_document(document) == []
    assert document["metadata"]["default"]["otel.document.shortened_from_bytes"] > 1_000_000
    assert sink.counters.status()["shortened"] == 1


def test_an_absent_daemon_loses_nothing_uncounted() -> None:
    """Every span is counted as dropped with its cause, the last one as well; the line says what to do."""
    sink = XRaySink(closed_port(socket.SOCK_DGRAM))
    for _ in range(5):
        sink.send([make_span()])
    status = sink.counters.status()
    sink.close()
    assert status["sent"] == 0
    assert status["dropped"] == {"refused": 5}
    assert "start the daemon" in status["last_error"]


def test_a_daemon_that_comes_back_is_used_again() -> None:
    """Without a restart, and without losing what is recorded from then on."""
    address = closed_port(socket.SOCK_DGRAM)
    sink = XRaySink(address)
    sink.send([make_span()])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(address)
        receiver.settimeout(10)
        sink.send([make_span("back")])
        assert receive(receiver)["name"] == "cruddur"
    sink.close()
    assert sink.counters.status()["sent"] == 1


def test_a_name_that_leads_nowhere_is_asked_again_later() -> None:
    """Resolving is not tried for every span; in between spans are dropped and counted."""
    now = [0.0]
    sink = XRaySink(("no-such-host.invalid", 2000), clock=lambda: now[0])
    sink.send([make_span(), make_span()])
    now[0] += aws_xray.REOPEN_AFTER_SECONDS + 1
    sink.send([make_span()])
    assert sink.counters.status()["dropped"] == {"unresolved": 3}


def test_a_name_that_no_host_can_have_is_told() -> None:
    """Each span is counted once, and the line names the variable."""
    sink = XRaySink(("x" * 64 + ".invalid", 2000))
    sink.send([make_span(), make_span()])
    assert sink.counters.status()["dropped"] == {"unresolved": 2}
    assert "correct AWS_XRAY_DAEMON_ADDRESS" in sink.counters.status()["last_error"]


def test_a_span_that_cannot_be_translated_stops_no_other() -> None:
    """It is counted; the others arrive."""

    class Broken(ReadableSpan):
        @property
        def events(self) -> Any:
            raise RuntimeError

    view_of(RESOURCE)
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        sink.send([Broken("x", SpanContext(1, 1, False), resource=RESOURCE), make_span()])
        assert receive(receiver)["name"] == "cruddur"
        sink.close()
    assert sink.counters.status()["dropped"] == {"untranslatable": 1}
