"""What stands between verify and AWS: a server that passes calls on, and refuses those that a test names."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

# Operations whose paths have no verb, by X-Ray's model.
_PATHS = {
    "/TraceSummaries": "GetTraceSummaries",
    "/Traces": "BatchGetTraces",
    "/ServiceGraph": "GetServiceGraph",
}
ALWAYS = 1_000_000


class Throttling:
    """Calls of *operation* are throttled, *times* times after the first *after* ones."""

    def __init__(self, operation: str, times: int = ALWAYS, after: int = 0) -> None:
        self.operation = operation
        self.throttled = 0
        self._times = times
        self._after = after
        self._lock = Lock()

    def takes(self, operation: str) -> bool:
        """Tell whether this call is one of them."""
        with self._lock:
            if operation != self.operation:
                return False
            if self._after:
                self._after -= 1
                return False
            if self.throttled >= self._times:
                return False
            self.throttled += 1
            return True


@contextmanager
def throttling(endpoint: str, which: Throttling) -> Iterator[str]:
    """Run the server in front of *endpoint* and yield its own address."""
    target = urlsplit(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            of_json = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            path = self.path.split("?")[0]
            operation = of_json or _PATHS.get(path, path.removeprefix("/"))
            if which.takes(operation):
                code = "ThrottlingException" if of_json else "ThrottledException"
                answer = json.dumps({"__type": code, "message": "Rate exceeded"}).encode()
                self._answer(400 if of_json else 429, {"x-amzn-ErrorType": code}, answer)
                return
            connection = HTTPConnection(target.hostname or "", target.port or 80, timeout=30)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                passed_on = connection.getresponse()
                kept = {
                    name: value
                    for name, value in passed_on.getheaders()
                    if name.lower() not in {"content-length", "transfer-encoding", "connection"}
                }
                self._answer(passed_on.status, kept, passed_on.read())
            finally:
                connection.close()

        def do_GET(self) -> None:
            self.do_POST()

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
