"""Small real servers for the sinks and the sampling client to talk to."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_SECONDS = 10.0


@dataclass
class Request:
    """One request as it arrived, its body without gzip."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What a server answers."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any, status: int = 200) -> "Answer":
        """Return an answer with a JSON body."""
        return cls(status, json.dumps(document).encode())


@dataclass
class HttpServer:
    """A running server: its address and what it was sent."""

    address: tuple[str, int]
    requests: list[Request]
    arrived: threading.Condition

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://{self.address[0]}:{self.address[1]}"

    def wait_for(self, count: int) -> list[Request]:
        """Wait until that many requests arrived."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= count, WAIT_SECONDS), self.requests
            return list(self.requests)


@contextmanager
def http_server(answer: Callable[[Request], Answer]) -> Iterator[HttpServer]:
    """Serve on a free port; `answer` is asked for each request, from threads."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            with running.arrived:
                running.requests.append(request)
                running.arrived.notify_all()
            reply = answer(request)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Stay silent: clients that give up are part of the tests."""

    with Server(("127.0.0.1", 0), Handler) as server:
        running = HttpServer(("127.0.0.1", server.server_port), [], threading.Condition())
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def udp_receiver() -> Iterator[socket.socket]:
    """Listen on a free UDP port, with a timeout."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(WAIT_SECONDS)
        yield receiver


def closed_port(kind: socket.SocketKind) -> tuple[str, int]:
    """Return an address where nothing listens."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
        return host, port
