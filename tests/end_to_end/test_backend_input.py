"""Hostile requests to a traced backend: refused in JSON, traced as errors, never a 500."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.end_to_end.backend import tracing_of
from tests.end_to_end.traces import in_both

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.backend import Stage

JSON_TYPE = {"Content-Type": "application/json"}
KNOWN = "3d1f0c52-8e0b-4f5e-9a34-7c1d5f0e2b11"


@dataclass(frozen=True)
class Sent:
    """A request, byte for byte, and the statuses that are right for it."""

    method: str
    path: str
    statuses: tuple[int, ...]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def _post(path: str, body: object, *statuses: int) -> Sent:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Sent("POST", path, statuses, data, JSON_TYPE)


BROKEN_BODIES: tuple[bytes, ...] = (
    b"",
    b"{",
    b'{"message": tru',
    b"\xff\xfe",
    b"[" * 30_000,
    b'{"a":"\xc3"}',
)
WRONG_BODIES: tuple[Any, ...] = (
    None,
    7,
    "text",
    [],
    {"message": 7},
    {"message": {}, "ttl": [1]},
    {"ttl": 1e308},
)
MALFORMED = [_post("/api/activities", body, 400) for body in BROKEN_BODIES]
WRONG_TYPES = [
    *(_post("/api/activities", body, 422) for body in WRONG_BODIES),
    _post("/api/messages", {"message": [], "user_receiver_handle": {}}, 422),
    _post(f"/api/activities/{KNOWN}/reply", {"message": True}, 404, 422),
    _post("/api/activities", {"message": "\udcff", "ttl": "1-day"}, 400, 422),
]
LARGE = [
    _post("/api/activities", {"message": "x" * 1024 * 1024, "ttl": "1-day"}, 413),
    _post("/api/messages", b"[" * 1024 * 1024, 413),
    _post("/api/activities", b"\0" * 1024 * 1024, 413),
]
HOSTILE = [
    Sent("GET", f"/api/{kind}/@{handle}", (400, 404))
    for kind in ("activities", "messages")
    for handle in (
        "%00",
        "..%2f..%2fetc%2fpasswd",
        "%27%20OR%201=1--",
        "%3Cscript%3E",
        "%ff%fe",
        "%F0%9F%92%A9",
        "%0d%0aX-Injected:%201",
        "$%7Bjndi:ldap://x%7D",
        "a" * 2000,
    )
]
OTHERS = [
    Sent("POST", "/api/activities", (415,), b"message=a", {"Content-Type": "text/plain"}),
    Sent("BREW", "/api/activities/home", (405,)),
    Sent("GET", "/api/activities/search", (400, 422)),
    Sent("GET", "/api/%ff%00", (404,)),
    Sent("GET", f"/api/activities/search?term={'x' * 3000}", (400, 414, 422)),
]
REQUESTS = [*MALFORMED, *WRONG_TYPES, *LARGE, *HOSTILE, *OTHERS]


def send(backend: BackendProcess, sent: Sent) -> tuple[int, str, Any]:
    """Send a request without any client's tidying; return status, trace id and the JSON of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", backend.port, timeout=10)
    try:
        connection.request(sent.method, sent.path, sent.body, dict(sent.headers))
        response = connection.getresponse()
        body, header = response.read(), response.getheader("X-Amzn-Trace-Id", "")
    finally:
        connection.close()
    assert "X-Injected" not in response.headers
    assert response.getheader("Content-Type") == "application/json", (sent.path[:80], body[:200])
    return response.status, header.removeprefix("Root="), json.loads(body)


def test_hostile_requests(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Each gets its 4xx in JSON and is an error, not a fault, in both sinks; the worker lives on."""
    with stage.serving(tmp_path) as backend:
        worker = backend.worker_pid()
        statuses: dict[str, int] = {}
        for sent in REQUESTS:
            status, trace_id, document = send(backend, sent)
            assert status in sent.statuses, (status, sent.method, sent.path[:80], (sent.body or b"")[:80])
            assert set(document) == {"error"}
            statuses[trace_id] = status
        assert len(statuses) == len(REQUESTS)
        document = tracing_of(backend)
        assert document["worker"]["pid"] == worker
        assert document["sinks"]["xray"]["dropped"] == document["sinks"]["honeycomb"]["dropped"] == {}
        assert backend.stop() == 0
        assert [line for line in backend.log() if line["level"] not in {"INFO", "WARNING"}] == []
        assert "Traceback" not in backend.output()
    for trace_id, (ours, theirs) in in_both(xray, stage.honeycomb, statuses, spans=1).items():
        [segment] = [span.fields for span in ours.values() if span.parent_id is None]
        [event] = [span.fields for span in theirs.values() if span.parent_id is None]
        assert segment["error"] is True
        assert not segment.get("fault")
        assert segment["http"]["response"]["status"] == statuses[trace_id]
        assert event["http.response.status_code"] == statuses[trace_id]
        assert "error" not in event
