"""A server in the backend's place, which answers every GET as the test says."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answering(
    body: bytes, status: int = 200, headers: dict[str, str] | None = None, *, drips: bool = False
) -> Iterator[str]:
    """Answer every GET so; yield the address."""
    over = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
                while drips and not over.wait(0.01):
                    self.wfile.write(b" ")
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def health(*workers: Any, wanted: Any = 2) -> bytes:
    """Return what /health/tracing answers, as far as it is read."""
    loaded = {"wanted": wanted, "workers": list(workers)}
    return json.dumps({"worker": {"pid": 1}, "parameters": {}, "loaded": loaded}).encode()


def entry(pid: int, loaded: Any) -> dict[str, Any]:
    """Return one worker as the backend lists it."""
    return {"pid": pid, "slot": 0, "loaded": loaded}
