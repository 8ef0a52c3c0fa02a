"""What each sink can answer: it is told in words, without what was sent, and is never an exception."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from scripts.aws import clients
from scripts.telemetry.place import Place
from scripts.telemetry.recording import Recording
from scripts.telemetry.sending import HONEYCOMB, XRAY, Trace, send
from scripts.traces.links import Links

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "hcaik_" + "k" * 58
TAKEN = json.dumps({"UnprocessedTraceSegments": []}).encode()


@contextmanager
def answering(status: int, body: bytes) -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    """Answer each POST so; yield the address, and what comes: path, headers, body."""
    came: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Note the request."""
            given = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, given))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", came
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Credentials of nobody; no client of another test's address."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")
    clients.cache_clear()
    yield
    clients.cache_clear()


def told(address: str, monkeypatch: pytest.MonkeyPatch, *, steps: int = 0, key: str = KEY) -> dict[str, str]:
    """Send a trace to both sinks at *address* and return what is told of each."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    place = Place("sa-east-1", "cruddur-deployments", address, "/none", is_local=False, links=Links())
    place._key = key
    place._read = lambda: None  # type: ignore[method-assign]
    recording = Recording("plan")
    for number in range(steps):
        with recording.step(f"step {number}"):
            pass
    root, spans = recording.end(0)
    return send(Trace(root, spans), place, seconds=20.0)


def aws_error(code: str, message: str) -> bytes:
    """Return an error as X-Ray's protocol has it."""
    return json.dumps({"__type": code, "message": message}).encode()


@pytest.mark.parametrize(
    ("status", "body", "xray", "honeycomb"),
    [
        (
            403,
            aws_error("AccessDeniedException", "not authorized"),
            "AWS denies PutTraceSegments",
            "HTTP 403",
        ),
        (403, aws_error("ExpiredTokenException", "expired"), "credentials have expired", "HTTP 403"),
        (429, aws_error("ThrottledException", "slow down"), "ThrottledException", "HTTP 429"),
        (500, b"<html>", "PutTraceSegments", "HTTP 500"),
        (301, b"", "PutTraceSegments", "HTTP 301"),
        (200, b"not json", "what answers is not X-Ray", ""),
        (
            200,
            json.dumps({"UnprocessedTraceSegments": [{"Id": "1", "Message": "Invalid segment."}]}).encode(),
            "1 of 1 spans refused, as in: Invalid segment.",
            "",
        ),
    ],
)
def test_each_answer_is_told(
    status: int, body: bytes, xray: str, honeycomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was, in one line; the key is in none."""
    with answering(status, body) as (address, _):
        said = told(address, monkeypatch)
    assert xray in said[XRAY]
    assert said[XRAY]
    assert honeycomb in said[HONEYCOMB]
    assert bool(said[HONEYCOMB]) == bool(honeycomb)
    assert KEY not in repr(said)


def test_a_name_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network neither sink is reached; the .invalid domain never exists (RFC 6761)."""
    said = told("http://there.invalid", monkeypatch)
    assert "can't be reached" in said[XRAY]
    assert said[HONEYCOMB].startswith("http://there.invalid can't be reached")


def test_documents_go_fifty_at_a_time_and_the_key_in_its_header_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the daemon sends them; X-Ray never sees Honeycomb's key."""
    with answering(200, TAKEN) as (address, came):
        assert told(address, monkeypatch, steps=119) == {XRAY: "", HONEYCOMB: ""}
    batches = [
        json.loads(body)["TraceSegmentDocuments"] for path, _, body in came if path == "/TraceSegments"
    ]
    assert [len(batch) for batch in batches] == [50, 50, 20]
    assert "type" not in json.loads(batches[0][0])
    [(headers, body)] = [(headers, body) for path, headers, body in came if path == "/v1/traces"]
    assert headers["x-honeycomb-team"] == KEY
    assert "x-honeycomb-dataset" not in headers
    assert KEY.encode() not in body
    assert all(KEY not in repr(one) for one in came if one[0] != "/v1/traces")


def test_a_classic_key_names_the_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Honeycomb Classic takes it from a header, not from the service's name."""
    with answering(200, b"") as (address, came):
        told(address, monkeypatch, key="0123456789abcdef" * 2)
    [headers] = [headers for path, headers, _ in came if path == "/v1/traces"]
    assert headers["x-honeycomb-dataset"] == "cruddur-deployments"
