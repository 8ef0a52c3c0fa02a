"""Many datagrams in one call to the kernel, where it has one for that (Linux: sendmmsg).

A call for each would hand the interpreter's lock to the requests' threads and wait for it each time: that
costs more than everything else that is done for a document.
"""

import ctypes
import errno
import os
import socket
import sys
from collections.abc import Callable, Sequence

MESSAGES_MAX = 32
DATAGRAM_MAX_BYTES = 65_507
"""Of UDP over IPv4: 65,535 without the headers."""
_REFUSALS = (errno.ECONNREFUSED, errno.EHOSTUNREACH)  # nothing listens; a firewall says no
_INTERRUPTIONS = (errno.EINTR, errno.EAGAIN)


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_char_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """`struct msghdr`, sendmsg(2)."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.POINTER(_Vector)),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Header(ctypes.Structure):
    """`struct mmsghdr`, sendmmsg(2): a message, padded to its alignment, and how much of it was sent."""

    _fields_ = (("message", _Message), ("sent", ctypes.c_uint))


def _find_sendmmsg() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "sendmmsg", None)


_sendmmsg = _find_sendmmsg()


class DatagramSender:
    """Sends through a connected UDP socket, which stays the caller's. Used by one thread."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        # On a socket that must not wait (gevent's) fewer are also taken where there is no room for all.
        self._send_many = _sendmmsg if os.get_blocking(connected.fileno()) else None
        self._is_refused = False
        vectors = (_Vector * MESSAGES_MAX)()
        self._vectors = [vectors[index] for index in range(MESSAGES_MAX)]
        self._headers = (_Header * MESSAGES_MAX)()
        for header, vector in zip(self._headers, self._vectors, strict=True):
            header.message.vectors = ctypes.pointer(vector)
            header.message.vector_count = 1

    def send(self, payloads: Sequence[bytes]) -> int:
        """Hand datagrams to the kernel, in their order; return how many it took.

        Fewer, and none at all, is also what follows a refusal: ask `was_refused`.

        Raises:
            OSError: the first was not taken.
        """
        count = min(len(payloads), MESSAGES_MAX)
        if self._send_many is None or count == 1:
            return self._send_one_by_one(payloads[:count])
        for vector, payload in zip(self._vectors, payloads[:count], strict=False):
            vector.base = payload
            vector.length = len(payload)
        taken = self._send_many(self._socket.fileno(), self._headers, count, 0)
        if taken == count:
            return taken
        if taken > 0:
            # What stopped it is lost (sendmmsg(2), BUGS). A datagram of this size is never refused by the
            # kernel, and a socket that waits is never short of room: it was the refusal of an earlier one.
            self._is_refused = len(payloads[taken]) <= DATAGRAM_MAX_BYTES
            return taken
        number = ctypes.get_errno()
        if number in _REFUSALS:
            self._is_refused = True
            return 0
        if number in _INTERRUPTIONS:
            return self._send_one_by_one(payloads[:1])
        raise OSError(number, os.strerror(number))

    def _send_one_by_one(self, payloads: Sequence[bytes]) -> int:
        taken = 0
        try:
            for payload in payloads:
                self._socket.send(payload)  # which waits as the socket does: gevent's lets others run
                taken += 1
        except OSError as error:
            if error.errno in _REFUSALS:
                self._is_refused = True
            elif not taken:
                raise
        return taken

    def was_refused(self) -> bool:
        """Tell whether the other host refused a datagram since this was last asked.

        On this host each refusal is told before the next datagram is taken; another's come late, or not at
        all.
        """
        is_refused, self._is_refused = self._is_refused, False
        # The last datagram's refusal, which no later datagram may bring to light.
        return bool(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) or is_refused
