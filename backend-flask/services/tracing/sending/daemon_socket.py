"""The way of datagrams to the X-Ray daemon: opened, opened anew, tried again."""

import errno
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.tracing.sending.datagrams import DatagramSender
from services.tracing.sending.host_look_up import HostLookUp

REFUSED, UNRESOLVED, SEND_FAILED = "refused", "unresolved", "send_failed"
PAUSE_SECONDS = 0.002
"""Datagrams that come faster than the daemon reads are lost in its buffer, unseen by both sides; and in this
time a host nearby has refused one."""
NO_ROOM_TRIES = 3
_NO_ROOM = (errno.ENOBUFS, errno.EAGAIN, errno.ENOMEM)


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of datagrams: the kernel has the first `taken`, without those `too_large`, by position.

    `cause` is why it has no more; `refused_before` counts refusals of earlier calls' datagrams.
    """

    taken: int
    cause: str = ""
    reason: str = ""
    too_large: frozenset[int] = frozenset()
    is_refused: bool = False
    refused_before: int = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether the kernel has all, and nothing was refused."""
        return not (self.cause or self.is_refused or self.too_large)


class DaemonSocket:
    """Sends datagrams to the daemon at `address`, a host or its name. Used by one thread."""

    def __init__(self, address: tuple[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._look_up = HostLookUp(*address, clock)
        self._place = self._look_up.found
        self._socket: socket.socket | None = None
        self._sender: DatagramSender | None = None
        self._is_failing = False

    def send(self, payloads: Sequence[bytes]) -> Handed:
        """Hand datagrams to the kernel, in their order. Waits some milliseconds at most; never raises."""
        self._look_up.ask(is_failing=self._is_failing)
        handed = self._send(payloads)
        self._is_failing = bool(handed.cause) or handed.is_refused
        return handed

    def _send(self, payloads: Sequence[bytes]) -> Handed:
        position, last, refused_before = 0, -1, 0
        is_second_try = is_refused = is_reopened = False
        no_room = 0
        too_large: set[int] = set()

        def handed(taken: int, cause: str = "", reason: str = "") -> Handed:
            not_taken = frozenset(number for number in too_large if number < taken)
            return Handed(taken, cause, reason, not_taken, is_refused, refused_before)

        while position < len(payloads):
            try:
                sender = self._connected()
                if sender is None:
                    return handed(position, UNRESOLVED, self._look_up.failure)
                taken = sender.send(
                    payloads[position : position + 1] if is_second_try else payloads[position:]
                )
            except OSError as error:
                reason = str(error.strerror or error)
                if error.errno == errno.EMSGSIZE:
                    too_large.add(position)
                    position += 1
                elif error.errno in _NO_ROOM:
                    no_room += 1
                    if no_room > NO_ROOM_TRIES:
                        return handed(position, SEND_FAILED, reason)
                    time.sleep(PAUSE_SECONDS * 2**no_room)
                else:
                    self.close()
                    if is_reopened:
                        return handed(position, SEND_FAILED, reason)
                    is_reopened = True
                continue
            if taken:
                position += taken
                last = position - 1
            if is_second_try:
                time.sleep(PAUSE_SECONDS)
            if not sender.was_refused():
                is_second_try = False
                continue
            if last < 0:
                refused_before += 1
            else:
                position = last
            if is_refused:
                return handed(position, REFUSED)
            is_refused = is_second_try = True
        return handed(position)

    @property
    def has_moved(self) -> bool:
        """Tell whether the daemon is elsewhere than where the last datagrams went."""
        return self._look_up.found is not self._place

    def was_refused(self) -> bool:
        """Tell whether the daemon's host refused a datagram since the last call."""
        self._is_failing |= (is_refused := self._sender is not None and self._sender.was_refused())
        return is_refused

    def wait_for_name(self, seconds: float) -> None:
        """Wait until the daemon's name is looked up, where it is being looked up."""
        self._look_up.wait(seconds)

    def _connected(self) -> DatagramSender | None:
        if self.has_moved:
            self.close()
            self._place = self._look_up.found
        if self._sender is None and (place := self._place) is not None:
            self._socket = socket.socket(place.family, place.kind, place.protocol)
            # An application may have set a default timeout for all sockets.
            self._socket.settimeout(None)
            self._socket.connect(place.address)
            self._sender = DatagramSender(self._socket)
        return self._sender

    def close(self) -> None:
        """Close the socket; the next datagram opens it anew."""
        if self._socket is not None:
            self._socket.close()
        self._socket = self._sender = None
