"""A way to the local cloud that goes wrong: a second machine's connection and credentials, for tests."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import Self

CHUNK_BYTES = 65536
EXPIRED = b"X-Amz-Security-Token: localcloud-expired-token\r\n"
"""What the local cloud takes for credentials that have expired."""
_REQUEST_LINE = re.compile(rb"\A(?:DELETE|GET|HEAD|PATCH|POST|PUT) \S+ HTTP/1\.1\r\n")


class Forwarder:
    """Forwards connections on a port of its own to another one of this machine, until it is cut."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._has_expired = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """End every connection, and take no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def expire(self) -> None:
        """Have every request from now on be one with credentials that have expired."""
        self._has_expired = True

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target_port))
            except OSError:
                near.close()
                return
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        """Forward one connection both ways, and close it once both are at their end."""
        back = threading.Thread(target=self._copy, args=(far, near), daemon=True)
        back.start()
        self._copy(near, far)
        back.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                sink.sendall(self._as_sent(data))
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _as_sent(self, data: bytes) -> bytes:
        """Return what is sent on: a client that waits for each answer begins a request with what it sends."""
        if not self._has_expired:
            return data
        return _REQUEST_LINE.sub(lambda line: line[0] + EXPIRED, data)
