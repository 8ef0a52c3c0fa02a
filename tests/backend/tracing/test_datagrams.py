"""Datagrams by the dozen, against real sockets: what is handed over arrives, whole and in order."""

import ctypes
import errno
import socket

import pytest

from services.tracing.sending import datagrams
from services.tracing.sending.datagrams import MESSAGES_MAX, DatagramSender
from tests.backend.tracing.servers import closed_port, udp_receiver


class Client(socket.socket):
    """A UDP socket that waits, or must not wait, as gevent's."""

    is_blocking = True

    def connect(self, address: tuple[str, int]) -> None:  # type: ignore[override]
        """Connect, and set what it is."""
        super().connect(address)
        self.setblocking(self.is_blocking)


@pytest.fixture(params=["in one call", "no such call", "must not wait"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways: the kernel's call for many, and one by one where there is none, or it would not tell why."""
    if request.param == "no such call":
        monkeypatch.setattr(datagrams, "_sendmmsg", None)
    monkeypatch.setattr(Client, "is_blocking", request.param != "must not wait")


def connected_to(address: tuple[str, int]) -> socket.socket:
    """A UDP socket that sends to the address."""
    client = Client(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(address)
    return client


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("count", [1, 2, 3, MESSAGES_MAX, MESSAGES_MAX + 1, 3 * MESSAGES_MAX + 5])
def test_each_arrives_whole_and_in_order(count: int) -> None:
    """None is lost, none is empty, none is another's; the sender is used again and again."""
    payloads = [f"document {number} ".encode() * (1 + number % 40) for number in range(count)]
    with udp_receiver() as receiver, connected_to(receiver.getsockname()) as client:
        sender = DatagramSender(client)
        for _ in range(2):
            position = 0
            while position < count:
                taken = sender.send(payloads[position:])
                assert taken >= 1
                # Read at once: a receiver's buffer is no part of this.
                received = [receiver.recv(65_536) for _ in range(taken)]
                assert received == payloads[position : position + taken]
                position += taken


@pytest.mark.usefixtures("way")
def test_what_is_too_large_is_told_of_that_datagram_alone() -> None:
    """Those before it are taken; then it is the first, and its error is the call's."""
    payloads = [b"small", b"x" * 70_000, b"small too"]
    with udp_receiver() as receiver, connected_to(receiver.getsockname()) as client:
        sender = DatagramSender(client)
        assert sender.send(payloads) == 1
        assert not sender.was_refused()
        with pytest.raises(OSError, match="too long") as raised:
            sender.send(payloads[1:])
        assert raised.value.errno == errno.EMSGSIZE
        assert sender.send(payloads[2:]) == 1
        assert [receiver.recv(65_536) for _ in range(2)] == [b"small", b"small too"]


@pytest.mark.usefixtures("way")
def test_a_refusal_is_told_once() -> None:
    """That of the last datagram, and that of an earlier one, before which no later one is taken."""
    with connected_to(closed_port(socket.SOCK_DGRAM)) as client:
        sender = DatagramSender(client)
        assert not sender.was_refused()
        assert sender.send([b"first"]) == 1
        assert sender.was_refused()
        assert not sender.was_refused()
        assert sender.send([b"first"]) == 1
        assert sender.send([b"second", b"third"]) == 0
        assert sender.was_refused()
        assert not sender.was_refused()


@pytest.mark.usefixtures("way")
def test_a_refusal_in_between_is_told() -> None:
    """Of many datagrams the first is taken and refused, which ends the call; its error would be lost."""
    with connected_to(closed_port(socket.SOCK_DGRAM)) as client:
        sender = DatagramSender(client)
        assert sender.send([b"first", b"second", b"third"]) == 1
        assert sender.was_refused()
        assert not sender.was_refused()


@pytest.mark.parametrize("number", [errno.EINTR, errno.EAGAIN])
def test_an_interruption_is_not_an_error(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A signal that came before the first was taken: the socket's own way is used, for one datagram."""
    sent: list[bytes] = []

    def full(*_: object) -> int:
        ctypes.set_errno(number)
        return -1

    class Waiting(socket.socket):
        def send(self, data: object, flags: int = 0) -> int:
            sent.append(bytes(memoryview(data)))  # type: ignore[arg-type]
            return super().send(data, flags)  # type: ignore[arg-type]

    monkeypatch.setattr(datagrams, "_sendmmsg", full)
    with udp_receiver() as receiver, Waiting(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(receiver.getsockname())
        assert DatagramSender(client).send([b"first", b"second"]) == 1
        assert receiver.recv(100) == b"first"
    assert sent == [b"first"]
