"""Stand-ins for services that do nothing, or refuse everything, and what a run needs beside them."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Case, DiffersError
from scripts.conform.honeycomb_calls import Answer, HoneycombCalls
from scripts.conform.limits import Budget
from scripts.conform.redaction import Redactor
from scripts.conform.runner import Runner
from scripts.conform.surroundings import Surroundings
from scripts.conform.xray_calls import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REFUSAL = Refusal("InvalidRequestException", "no", 400)


class Empty(dict[str, Any]):
    """A result that has every member, without anything in it."""

    def __missing__(self, key: str) -> list[Any]:
        """Return an empty list for whatever is looked for."""
        return []


class MuteXRay:
    """An X-Ray that takes every call with empty results, or refuses every one in the same word."""

    def __init__(self, *, takes: bool, refuses: bool, shows: bool = False) -> None:
        self.recording = None
        self._takes = takes
        self._refuses = refuses
        self._shows = shows
        self._sent: list[dict[str, Any]] = []

    def ask(self, operation: str, **parameters: Any) -> Any:
        """Return what the stand-in has to say."""
        if not self._takes:
            return REFUSAL
        if operation == "PutTraceSegments":
            self._sent = [json.loads(text) for text in parameters["TraceSegmentDocuments"]]
        if operation == "GetTraceSummaries" and self._shows and "FilterExpression" not in parameters:
            return {"TraceSummaries": [{"Id": document.get("trace_id")} for document in self._sent]}
        return Empty()

    def __call__(self, operation: str, **parameters: Any) -> Any:
        """Return a result."""
        answer = self.ask(operation, **parameters)
        if isinstance(answer, Refusal):
            raise DiffersError(operation, "a result", answer.message)
        return answer

    def refused(self, operation: str, **parameters: Any) -> Refusal:
        """Return a refusal."""
        del parameters
        if not self._refuses:
            raise DiffersError(operation, "a refusal", "a result")
        return REFUSAL


class MuteHoneycomb(HoneycombCalls):
    """A Honeycomb that gives the same answer to everything."""

    def __init__(self, status: int, document: Any) -> None:
        super().__init__("http://127.0.0.1:1", "", Budget())
        self._always = Answer(status, "application/json", {}, json.dumps(document).encode(), document)

    def __call__(self, method: str, path: str, document: Any = None, **more: Any) -> Answer:
        """Return the answer."""
        del method, path, document, more
        return self._always


def runner(
    xray: Any, honeycomb: Any = None, *, budget: Budget | None = None, is_local: bool = True
) -> tuple[Runner, Surroundings]:
    """Return a runner without patience, and its surroundings."""
    surroundings = Surroundings(xray, honeycomb, budget or Budget(), patience_seconds=0.0)
    made = Runner(surroundings, xray, honeycomb, lambda: Redactor({}), is_local=is_local)
    return made, surroundings


def case(run: Callable[[Surroundings], None], service: str = "xray", **more: Any) -> Case:
    """Return a case of the test's own."""
    return Case(f"{service}.of.a.test", service, "a claim", False, run, **more)


@contextmanager
def answering(
    status: int, body: bytes = b"", headers: dict[str, str] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Have a server give one answer to every request; yield its address and the paths that were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append(f"{self.command} {self.path}")
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the server's names

        def log_message(self, *arguments: Any) -> None:
            del arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
