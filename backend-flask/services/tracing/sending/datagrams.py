"""Many datagrams in one call to the kernel, where it has one for that (Linux: sendmmsg).

A call for each would hand the interpreter's lock to the requests' threads and wait for it each time: that
costs more than everything else that is done for a document.
"""

import ctypes
import os
import socket
import sys
from collections.abc import Callable, Sequence

MESSAGES_MAX = 32


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
        vectors = (_Vector * MESSAGES_MAX)()
        self._vectors = [vectors[index] for index in range(MESSAGES_MAX)]
        self._headers = (_Header * MESSAGES_MAX)()
        for header, vector in zip(self._headers, self._vectors, strict=True):
            header.message.vectors = ctypes.pointer(vector)
            header.message.vector_count = 1

    def send(self, payloads: Sequence[bytes]) -> int:
        """Hand datagrams to the kernel, in their order; return how many it took, at least one.

        Raises:
            OSError: the first was not taken; or an earlier one was refused by its host, and none of these was
                tried.
        """
        if _sendmmsg is None or len(payloads) == 1:
            self._socket.send(payloads[0])
            return 1
        count = min(len(payloads), MESSAGES_MAX)
        for vector, payload in zip(self._vectors, payloads[:count], strict=False):
            vector.base = payload
            vector.length = len(payload)
        taken = _sendmmsg(self._socket.fileno(), self._headers, count, 0)
        if taken > 0:
            return taken
        number = ctypes.get_errno()
        error = OSError(number, os.strerror(number))
        if not isinstance(error, BlockingIOError | InterruptedError):
            raise error
        self._socket.send(payloads[0])  # which waits as the socket does: gevent's lets others run
        return 1
