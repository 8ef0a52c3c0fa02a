"""What stands between a client and a service: passes on what it is asked, but answers some calls itself."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ALL = "*"
ALWAYS = 1_000_000
_TIMEOUT_SECONDS = 10
_HOP_BY_HOP = {"connection", "content-length", "date", "server", "transfer-encoding", "content-encoding"}


@dataclass(frozen=True)
class Answer:
    """What is answered in the service's place."""

    status: int
    body: bytes
    headers: Mapping[str, str]


PAGE = Answer(200, b"<!doctype html><title>Sign in</title><p>Sign in", {"Content-Type": "text/html"})
"""What a proxy or a hotel's network shows."""


def document(content: object) -> Answer:
    """Return an answer of X-Ray's."""
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})


def throttled(code: str = "ThrottlingException") -> Answer:
    """Return what a service answers that has been asked too often."""
    body = f'{{"__type": "{code}", "message": "Rate exceeded"}}'.encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}
    return Answer(429 if code == "ThrottledException" else 400, body, headers)


@contextmanager
def between(upstream: str, answers: Mapping[str, Answer], times: int = ALWAYS) -> Iterator[str]:
    """Yield the address of what passes calls on to *upstream*, but gives *answers*, so many *times* in all.

    These are by AWS's name of an operation, or by path without its slash; ``*`` answers all.
    """
    numbers = iter(range(times))

    class Handler(_Handler):
        to = upstream
        own = answers
        turns = numbers

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    to: str
    own: Mapping[str, Answer]
    turns: Iterator[int]

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = self._operation(body)
        own = self.own.get(name) or self.own.get(ALL)
        answer = self._passed_on(body) if own is None or next(self.turns, None) is None else own
        self.send_response(answer.status)
        for header, value in answer.headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def do_GET(self) -> None:
        """Answer a GET."""
        self._handle()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._handle()

    def do_PUT(self) -> None:
        """Answer a PUT."""
        self._handle()

    def _operation(self, body: bytes) -> str:
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0]
        return target or action or urlsplit(self.path).path.strip("/")

    def _passed_on(self, body: bytes) -> Answer:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                self.command,
                f"{self.to}{self.path}",
                data=body,
                headers={name: value for name, value in self.headers.items() if name.lower() != "host"},
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
        return Answer(answer.status_code, answer.content, headers)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
