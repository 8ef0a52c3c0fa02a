"""The X-Ray sink against real sockets."""

import errno
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import orjson
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind

from services.tracing import aws_xray
from services.tracing.aws_xray import XRaySink
from services.tracing.sending import daemon_socket, datagrams, host_look_up, waiting_spans
from services.tracing.sending.datagrams import DatagramSender
from services.tracing.translation.resource import view_of
from tests.backend.tracing.servers import WAIT_SECONDS, closed_port, udp_receiver
from tests.backend.tracing.spans import RESOURCE, make_span
from xray.segments import validate_document


def receive(receiver: socket.socket) -> dict[str, Any]:
    """Return the next datagram's document."""
    header, _, document = receiver.recv(65_536).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    read: dict[str, Any] = json.loads(document)
    return read


class Unlucky(DatagramSender):
    """Fails with the errors given, one each time, before it sends as usual."""

    errors: ClassVar[list[int]] = []

    def send(self, payloads: Sequence[bytes]) -> int:
        """Fail, or send."""
        if self.errors:
            number = self.errors.pop(0)
            raise OSError(number, os.strerror(number))
        return super().send(payloads)


class FarAway(DatagramSender):
    """Hears of a refusal later than right after the datagram: as of a host that isn't this one."""

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(connected)
        self.is_late = False

    def was_refused(self) -> bool:
        """Tell what the answer was the last time."""
        is_late, self.is_late = self.is_late, super().was_refused()
        return is_late


@pytest.fixture(params=["many in one call", "one by one"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways into the kernel."""
    if request.param == "one by one":
        monkeypatch.setattr(datagrams, "_sendmmsg", None)


@pytest.fixture
def clock() -> list[float]:
    """The sink's time, which stands still."""
    return [0.0]


@contextmanager
def listening(address: tuple[str, int]) -> Iterator[socket.socket]:
    """A daemon's socket at an address of this host, with room for some hundred documents."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        receiver.bind(address)
        receiver.settimeout(WAIT_SECONDS)
        yield receiver


def received_ids(receiver: socket.socket) -> list[str]:
    """Return the ids of all documents that have arrived."""
    receiver.setblocking(False)
    ids = []
    with suppress(BlockingIOError):
        while True:
            ids.append(receive(receiver)["id"])
    return ids


def ids_of(spans: Sequence[ReadableSpan]) -> list[str]:
    """Return the ids that their documents have."""
    return [f"{span.context.span_id:016x}" for span in spans]


def make_spans(count: int) -> list[ReadableSpan]:
    """Return that many spans."""
    return [make_span(str(number)) for number in range(count)]


def tick_until(sink: XRaySink, is_so: Callable[[], bool]) -> None:
    """Let the sink go on, as the pipeline does, until something is so."""
    until = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < until
        sink.tick()
        time.sleep(0.01)


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


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("count", [1, 2, 3, 31, 32, 33, 64, 100])
@pytest.mark.parametrize("is_single", [True, False])
def test_an_absent_daemon_loses_nothing_uncounted(count: int, is_single: bool) -> None:
    """No span counts as sent, however they come; at the stop all are dropped as refused."""
    sink = XRaySink(closed_port(socket.SOCK_DGRAM))
    spans = make_spans(count)
    for batch in [[span] for span in spans] if is_single else [spans]:
        sink.send(batch)
    assert sink.counters.status()["sent"] == 0
    assert "start the daemon" in sink.counters.status()["last_error"]
    sink.close()
    assert (sink.counters.status()["sent"], sink.counters.status()["dropped"]) == (0, {"refused": count})


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("count", [1, 2, 33, 100])
def test_a_daemon_that_comes_back_gets_what_waited(count: int, clock: list[float]) -> None:
    """Without a restart, each span once, in their order; the latest in their turn."""
    address = closed_port(socket.SOCK_DGRAM)
    sink = XRaySink(address, clock=lambda: clock[0])
    spans = make_spans(count + 1)
    sink.send(spans[:count])
    with listening(address) as receiver:
        clock[0] += aws_xray.RETRY_MAX_SECONDS
        sink.send(spans[count:])
        assert received_ids(receiver) == ids_of(spans)
    sink.close()
    status = sink.counters.status()
    assert (status["sent"], status["dropped"]) == (count + 1, {})


@pytest.mark.usefixtures("way")
def test_a_daemon_that_goes_away_between_loses_what_it_read_alone(clock: list[float]) -> None:
    """What it had not got is tried again once it is back."""
    spans = make_spans(120)
    with udp_receiver() as receiver:
        address = receiver.getsockname()
        sink = XRaySink(address, clock=lambda: clock[0])
        sink.send(spans[:40])
        assert received_ids(receiver) == ids_of(spans[:40])
    sink.send(spans[40:80])
    with listening(address) as receiver:
        clock[0] += aws_xray.RETRY_MAX_SECONDS
        sink.tick()
        sink.send(spans[80:])
        assert received_ids(receiver) == ids_of(spans[40:])
    sink.close()
    assert sink.counters.status()["sent"] == 120


def test_tries_are_bounded_in_time(clock: list[float]) -> None:
    """A daemon that stays away gets a span a few times, at growing distances; then it is dropped."""
    sink = XRaySink(closed_port(socket.SOCK_DGRAM), clock=lambda: clock[0])
    sink.send(make_spans(3))
    clock[0] += waiting_spans.WAIT_SECONDS - 1
    sink.send(make_spans(2))
    assert sink.counters.status()["dropped"] == {}
    clock[0] += 1
    sink.tick()
    assert sink.counters.status()["dropped"] == {"refused": 3}
    sink.close()
    assert sink.counters.status()["dropped"] == {"refused": 5}


def test_what_waits_is_bounded(clock: list[float]) -> None:
    """A storm without a daemon fills no memory, and what has no room isn't even translated."""
    sink = XRaySink(closed_port(socket.SOCK_DGRAM), clock=lambda: clock[0])
    sink.send([make_span()] * (waiting_spans.SPANS_MAX + 5))
    assert sink.counters.status()["dropped"] == {"refused": 5}
    sink.send([ReadableSpan("no ids")] * 7)
    sink.close()
    assert sink.counters.status()["dropped"] == {"refused": waiting_spans.SPANS_MAX + 12}


def test_the_stop_tries_a_last_time(clock: list[float]) -> None:
    """Also where the next try would have come later."""
    address = closed_port(socket.SOCK_DGRAM)
    sink = XRaySink(address, clock=lambda: clock[0])
    spans = make_spans(3)
    sink.send(spans)
    with listening(address) as receiver:
        sink.close(time.monotonic() + WAIT_SECONDS)
        assert received_ids(receiver) == ids_of(spans)
    sink.send(make_spans(2))
    status = sink.counters.status()
    assert (status["sent"], status["dropped"]) == (3, {"stopped": 2})


def test_a_thread_that_hangs_does_not_hold_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps its socket, which nobody closes under its hands."""
    entered, go_on = threading.Event(), threading.Event()

    class Hanging(DatagramSender):
        def send(self, payloads: Sequence[bytes]) -> int:
            entered.set()
            go_on.wait(WAIT_SECONDS)
            return super().send(payloads)

    monkeypatch.setattr(daemon_socket, "DatagramSender", Hanging)
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        thread = threading.Thread(target=sink.send, args=([make_span()],))
        thread.start()
        assert entered.wait(WAIT_SECONDS)
        sink.close(time.monotonic() + 0.01)
        assert not go_on.is_set()
        go_on.set()
        thread.join()
        assert receive(receiver)["name"] == "cruddur"
        sink.close()


@pytest.mark.parametrize("number", [errno.ENOBUFS, errno.EAGAIN])
def test_a_kernel_without_room_is_asked_again(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """For some milliseconds; nothing is said, and nothing is lost."""
    monkeypatch.setattr(daemon_socket, "DatagramSender", Unlucky)
    monkeypatch.setattr(Unlucky, "errors", [number] * daemon_socket.NO_ROOM_TRIES)
    spans = make_spans(3)
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        sink.send(spans)
        assert received_ids(receiver) == ids_of(spans)
        sink.close()
    assert sink.counters.status() == {"sent": 3, "dropped": {}, "shortened": 0, "last_error": None}


@pytest.mark.parametrize("number", [errno.ENOBUFS, errno.EPERM, errno.ENETDOWN])
def test_what_the_kernel_does_not_take_waits(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], number: int
) -> None:
    """An error that stays costs no span, once it is over; its name is the error's."""
    monkeypatch.setattr(daemon_socket, "DatagramSender", Unlucky)
    monkeypatch.setattr(Unlucky, "errors", [number] * (daemon_socket.NO_ROOM_TRIES + 1))
    spans = make_spans(4)
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname(), clock=lambda: clock[0])
        sink.send(spans[:3])
        assert sink.counters.status()["last_error"] == os.strerror(number)
        Unlucky.errors.clear()
        clock[0] += aws_xray.RETRY_MAX_SECONDS
        sink.send(spans[3:])
        assert received_ids(receiver) == ids_of(spans)
        sink.close()
    assert (sink.counters.status()["sent"], sink.counters.status()["dropped"]) == (4, {})


def test_an_error_of_the_socket_opens_it_anew_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One error costs nothing, and no time."""
    monkeypatch.setattr(daemon_socket, "DatagramSender", Unlucky)
    monkeypatch.setattr(Unlucky, "errors", [errno.EPERM])
    spans = make_spans(3)
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        sink.send(spans)
        assert received_ids(receiver) == ids_of(spans)
        sink.close()
    assert sink.counters.status()["sent"] == 3


def test_what_no_datagram_holds_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a kernel takes smaller ones only, the others arrive."""
    monkeypatch.setattr(
        aws_xray,
        "encode_document",
        lambda document: (orjson.dumps(document).ljust(70_000 * ("type" in document)), False),
    )
    spans = make_spans(6)
    for number in (1, 4, 5):
        spans[number] = ReadableSpan(
            "large", spans[number].context, parent=spans[0].context, resource=RESOURCE, kind=SpanKind.INTERNAL
        )
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        sink.send(spans)
        assert received_ids(receiver) == ids_of([spans[number] for number in (0, 2, 3)])
        sink.close()
    assert (sink.counters.status()["sent"], sink.counters.status()["dropped"]) == (3, {"too_large": 3})


@pytest.mark.usefixtures("way")
def test_a_span_of_two_documents_counts_once(clock: list[float]) -> None:
    """Refused, and sent later."""
    address = closed_port(socket.SOCK_DGRAM)
    span = make_span("call", SpanKind.CLIENT, **{"aws.span.kind": "LOCAL_ROOT"})
    lost, kept = (XRaySink(address, clock=lambda: clock[0]) for _ in range(2))
    for sink in (lost, kept):
        sink.send([span])
    lost.close()
    assert lost.counters.status()["dropped"] == {"refused": 1}
    with listening(address) as receiver:
        clock[0] += aws_xray.RETRY_MAX_SECONDS
        kept.send([make_span()])
        assert len(received_ids(receiver)) == 3
        kept.close()
    assert kept.counters.status()["sent"] == 2


def test_it_is_back_only_once_no_refusal_came_for_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, clock: list[float]
) -> None:
    """A host that refuses late is not said to be back with each datagram; what it refused is counted."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(daemon_socket, "DatagramSender", FarAway)
    address = closed_port(socket.SOCK_DGRAM)
    sink = XRaySink(address, clock=lambda: clock[0])
    for _ in range(8):
        sink.send([make_span()])
        clock[0] += 1
        sink.tick()
    assert [record.getMessage().partition(" is ")[2][:4] for record in caplog.records] == ["down"]
    with listening(address) as receiver:
        clock[0] += aws_xray.RETRY_MAX_SECONDS
        sink.send([make_span()])
        assert received_ids(receiver)
        sink.tick()
        assert len(caplog.records) == 1
        clock[0] += aws_xray.UP_AFTER_SECONDS
        sink.tick()
        sink.send([make_span()])
        sink.tick()
        sink.close()
    assert [record.getMessage().partition(" is ")[2][:4] for record in caplog.records] == ["down", "back"]
    status = sink.counters.status()
    assert status["sent"] + status["dropped"]["refused"] == 10
    assert status["dropped"]["refused"] >= 5


def test_a_name_that_leads_nowhere_is_looked_up_again(clock: list[float]) -> None:
    """The line names the variable; spans wait, and are dropped with the cause when they waited too long."""
    sink = XRaySink(("no-such-host.invalid", 2000), clock=lambda: clock[0])
    sink.send(make_spans(2))
    tick_until(sink, lambda: sink.counters.status()["last_error"] is not None)
    assert "correct AWS_XRAY_DAEMON_ADDRESS" in sink.counters.status()["last_error"]
    clock[0] += waiting_spans.WAIT_SECONDS
    sink.send(make_spans(1))
    assert sink.counters.status()["dropped"] == {"unresolved": 2}
    sink.close()
    assert sink.counters.status()["dropped"] == {"unresolved": 3}


def test_a_name_that_no_host_can_have_is_told() -> None:
    """Each span is counted once."""
    sink = XRaySink(("x" * 64 + ".invalid", 2000))
    sink.send(make_spans(2))
    sink.close()
    assert sink.counters.status()["dropped"] == {"unresolved": 2}
    assert "correct AWS_XRAY_DAEMON_ADDRESS" in sink.counters.status()["last_error"]


def test_a_slow_name_server_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handing over doesn't wait for it; once it has answered, what waited is sent."""
    asked, answer = threading.Event(), threading.Event()
    real = socket.getaddrinfo
    with udp_receiver() as receiver:
        host, port = receiver.getsockname()

        def slow(name: str, port: int, **options: Any) -> Any:
            if name != "daemon.internal" or options.get("flags"):
                return real(name, port, **options)
            asked.set()
            assert answer.wait(WAIT_SECONDS)
            return real(host, port, **options)

        monkeypatch.setattr(socket, "getaddrinfo", slow)
        sink = XRaySink(("daemon.internal", port))
        spans = make_spans(3)
        sink.send(spans)
        assert asked.wait(WAIT_SECONDS)
        sink.tick()
        assert sink.counters.status() == {"sent": 0, "dropped": {}, "shortened": 0, "last_error": None}
        answer.set()
        tick_until(sink, lambda: sink.counters.status()["sent"] == 3)
        assert received_ids(receiver) == ids_of(spans)
        sink.close()


def test_a_daemon_that_moved_is_found_again(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    """Once it refuses its name is looked up again, and what was refused goes to the new place."""
    real = socket.getaddrinfo
    hosts = ["127.0.0.2"]

    def resolve(name: str, port: int, **options: Any) -> Any:
        if name != "daemon.internal" or options.get("flags"):
            return real(name, port, **options)
        return real(hosts[0], port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    spans = make_spans(4)
    with listening(("127.0.0.2", 0)) as old:
        port = old.getsockname()[1]
        sink = XRaySink(("daemon.internal", port), clock=lambda: clock[0])
        sink.send(spans[:2])
        tick_until(sink, lambda: sink.counters.status()["sent"] == 2)
        assert received_ids(old) == ids_of(spans[:2])
    with listening(("127.0.0.3", port)) as new:
        hosts[0] = "127.0.0.3"
        sink.send(spans[2:])
        clock[0] += host_look_up.AGAIN_FAILING_SECONDS
        tick_until(sink, lambda: sink.counters.status()["sent"] == 4)
        assert received_ids(new) == ids_of(spans[2:])
        sink.close()
    assert sink.counters.status()["dropped"] == {}


def test_a_span_without_ids_is_counted() -> None:
    """It has no document."""
    with udp_receiver() as receiver:
        sink = XRaySink(receiver.getsockname())
        sink.send([ReadableSpan("x", SpanContext(0, 0, False)), ReadableSpan("y"), make_span()])
        assert receive(receiver)["name"] == "cruddur"
        sink.close()
    assert sink.counters.status()["dropped"] == {"untranslatable": 2}
    assert sink.counters.status()["sent"] == 1


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
