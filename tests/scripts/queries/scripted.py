"""A server on loopback that gives scripted answers, for what Honeycomb's own stand-in never does."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from scripts.honeycomb.client import KEY_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = 22 * "k"


@dataclass(frozen=True)
class Scripted:
    """One answer; `body` is JSON unless it is bytes already."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False


@dataclass
class Server:
    """Its address, and each request that came: method, path with query, key and document."""

    url: str
    requests: list[tuple[str, str, str | None, Any]] = field(default_factory=list)


@contextmanager
def serving(*answers: Scripted) -> Iterator[Server]:
    """Give *answers* one after the other, the last again and again."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length)) if length else None
            found.requests.append((self.command, self.path, self.headers.get(KEY_HEADER), sent))
            answer = left.pop(0) if len(left) > 1 else left[0]
            if answer.hangs_up:
                self.close_connection = True
                return
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Server(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
