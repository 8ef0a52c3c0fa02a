"""A receiver of OTLP over HTTP on loopback, for the command's one trace; bounded in bytes and in spans."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from google.protobuf.message import DecodeError

from scripts.telemetry import from_terragrunt
from scripts.telemetry.spans import Span

HOST = "127.0.0.1"
PATH = "/v1/traces"
BODY_MAX_BYTES = 4 * 1024 * 1024
SPANS_MAX = 10_000
READ_TIMEOUT_SECONDS = 5.0
_POLL_SECONDS = 0.05
_PROTOBUF = "application/x-protobuf"


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that broke: a Terragrunt that ended is told of by its exit code."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Receiver:
    """Takes the spans of trace *trace_id* at a free port; ``refused`` counts those beyond the bound."""

    def __init__(self, trace_id: int) -> None:
        self.refused = 0
        self._trace_id = trace_id
        self._spans: dict[int, Span] = {}
        self._lock = Lock()
        self._server = _Server((HOST, 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it is, as ``127.0.0.1:<port>``."""
        return f"{HOST}:{self._server.server_address[1]}"

    def take(self, body: bytes) -> None:
        """Take a request's spans; one that comes again counts once. Raises DecodeError for anything else."""
        found = from_terragrunt.read(body, self._trace_id)
        with self._lock:
            for span in found:
                if len(self._spans) < SPANS_MAX or span.span_id in self._spans:
                    self._spans[span.span_id] = span
                else:
                    self.refused += 1

    def spans(self) -> list[Span]:
        """Return what has come so far."""
        with self._lock:
            return list(self._spans.values())

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = READ_TIMEOUT_SECONDS

        def do_POST(self) -> None:
            """Take OTLP's protobuf; anything else is refused."""
            given = self.headers.get("Content-Length", "")
            length = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
            if self.path != PATH:
                self._answer(404)
            elif self.headers.get("Content-Type") != _PROTOBUF or self.headers.get("Content-Encoding"):
                self._answer(415)
            elif not 0 <= length <= BODY_MAX_BYTES:
                self._answer(413)
            else:
                self._take(length)

        def _take(self, length: int) -> None:
            body = self.rfile.read(length)
            if len(body) < length:
                self._answer(400)
                return
            try:
                receiver.take(body)
            except DecodeError:
                self._answer(400)
            else:
                self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", _PROTOBUF)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.close_connection = status != 200

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing: the command's output is not the place."""

    return Handler
