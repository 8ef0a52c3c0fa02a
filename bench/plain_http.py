"""HTTP with as little work as it takes: the one who measures shares the cores with what is measured."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_RECEIVE_BYTES = 256 * 1024


class Answer(NamedTuple):
    """An answer's status and body."""

    status: int
    body: bytes


class PlainConnection:
    """POST requests to one server, one after the other, on a connection that stays where the server lets it.

    Raises OSError where the server is gone, and ValueError for an answer without a length.
    """

    def __init__(self, host: str, port: int, headers: Mapping[str, str], timeout_seconds: float) -> None:
        self._address = (host, port)
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None

    def post(self, path: str, body: bytes) -> Answer:
        """Send one request and return its answer."""
        head = f"POST {path} HTTP/1.1\r\n{self._headers}content-length: {len(body)}\r\n\r\n"
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout_seconds)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(head.encode() + body)
        received = self._receive()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        status, *lines = received[:end].lower().split(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines)
        content = [received[end + 4 :]]
        missing = int(fields.get(b"content-length", b"none")) - len(content[0])
        while missing > 0:
            content.append(self._receive())
            missing -= len(content[-1])
        if status.startswith(b"http/1.0") or fields.get(b"connection") == b"close":
            self.close()
        return Answer(int(status.split()[1]), b"".join(content))

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _receive(self) -> bytes:
        part = self._socket.recv(_RECEIVE_BYTES) if self._socket else b""
        if not part:
            raise ConnectionResetError("the server closed the connection before its answer was whole")
        return part
