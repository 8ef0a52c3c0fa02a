"""The requests of a run: every route, right and wrong, and what each has to answer and to leave behind."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace

from scripts.parity.expected import MORE, Span

_SEED = 4567
_PARITY = "parity"
_FAILED = ("exception",)


@dataclass(frozen=True)
class Request:
    """One request; `weight` says how often it comes among the others.

    `status` and `spans` are what it has to be answered with and to leave behind.
    """

    method: str
    path: str
    status: int
    spans: Span
    weight: int = 1
    body: bytes = b""
    content_type: str = ""


def _served(name: str, *below: Span, status: int = 0, events: tuple[str, ...] = ()) -> Span:
    return Span("server", name, "services.tracing", status, events=events, below=below)


def _work(name: str, *below: Span, message: str = "", events: tuple[str, ...] = ()) -> Span:
    return Span("internal", name, _PARITY, 2 if message else 0, message, events, below=below)


def _called(name: str, by: str, *below: Span, status: int = 0, message: str = "") -> Span:
    library = by if by == _PARITY else f"opentelemetry.instrumentation.{by}"
    return Span("client", name, library, status, message, _FAILED if message else (), below=below)


def _chain(message: str) -> Span:
    """Every span that the exception goes through tells it."""
    told = f"OuterError: {message}"
    inner = _work("inner", message=told, events=_FAILED)
    outer = _work("outer", inner, message=told, events=_FAILED)
    return _served("GET /parity/chained", outer, status=2, events=_FAILED)


_HOME = _served("GET /api/activities/home", Span("internal", "home-activities", "services.home_activities"))
_NOTIFICATIONS = _served(
    "GET /api/activities/notifications",
    Span("internal", "notifications-activities", "services.notifications_activities"),
)
_SEARCH = _served("GET /api/activities/search")
_USER = _served("GET /api/activities/@<handle>")
_CREATE = _served("POST /api/activities")
_REPLY = _served("POST /api/activities/<activity_uuid>/reply")
_STATUS = _served("GET /parity/status/<int:code>")
_HEALTH = _called("GET", "requests", _served("GET /health"))
_UPSTREAM = _served("GET /demo/upstream", _HEALTH, _called("STS.GetCallerIdentity", "botocore"))
_THREADS = _served(
    "GET /parity/threads",
    _work("work 0"),
    _work("work 1"),
    _work("work 2", message="ValueError: no work for 2", events=_FAILED),
)
_HANDLED = _served(
    "GET /parity/handled",
    _work("handled", events=(*_FAILED, *_FAILED)),
    _work("refused", message="no exception, only words"),
)
_SQL = _served(
    "GET /parity/sql",
    *(_called(name, "sqlite3") for name in ("CREATE", "INSERT", "SELECT")),
    _called("SELECT", "sqlite3", status=2, message=f"OperationalError: {MORE}"),
    *(_called("SELECT cruddur", _PARITY) for _ in range(3)),
)
_VALUES = _served(
    "GET /parity/values",
    replace(_work("values? <ü> [a|b]", events=("cache miss",)), links=1),
    _work("x" * 300),
    _work("long"),
)
_MESSAGES = _served(
    "GET /parity/messages",
    Span(
        "producer",
        "send activities",
        _PARITY,
        below=(Span("consumer", "process activities", _PARITY),),
    ),
)
_CALLS = _served(
    "GET /parity/calls",
    _HEALTH,
    _called("GET", "requests", _served("GET"), status=2),
    _called("GET", "requests", status=2, message=f"ConnectionError: HTTPConnectionPool({MORE}"),
    _called("SSM.GetParameter", "botocore"),
    _called(
        "SSM.GetParameter",
        "botocore",
        status=2,
        message=f"An error occurred (ParameterNotFound) when calling the GetParameter operation{MORE}",
    ),
)
_STREAM = _served("GET /parity/stream", _work("making the body"))


def _get(path: str, status: int, spans: Span, weight: int = 1, *, method: str = "GET") -> Request:
    return Request(method, path, status, spans, weight)


def _post(path: str, document: object, status: int, spans: Span, weight: int = 1) -> Request:
    return Request("POST", path, status, spans, weight, json.dumps(document).encode(), "application/json")


_NOBODY = "00000000-0000-0000-0000-000000000000"
MIXED = (
    _get("/api/activities/home", 200, _HOME, 12),
    _get("/api/activities/notifications", 200, _NOTIFICATIONS, 8),
    _get("/api/activities/search?term=cloud", 200, _SEARCH, 6),
    _get("/api/activities/search", 400, _SEARCH, 2),
    _get("/api/activities/@andrewbrown", 200, _USER, 6),
    _get("/api/activities/@%C3%BC", 400, _USER, 2),
    _get(f"/api/activities/{_NOBODY}", 404, _served("GET /api/activities/<activity_uuid>"), 3),
    _get("/api/message_groups", 200, _served("GET /api/message_groups"), 4),
    _get("/api/messages/@londo", 200, _served("GET /api/messages/@<handle>"), 4),
    _post("/api/activities", {"user_handle": "andrew", "message": "hello", "ttl": "7-days"}, 200, _CREATE, 5),
    _post("/api/activities", {"message": 7}, 422, _CREATE, 2),
    Request("POST", "/api/activities", 400, _CREATE, 2, b"{", "application/json"),
    Request("POST", "/api/activities", 415, _CREATE, 1, b"hello", "text/plain"),
    Request("POST", "/api/activities", 413, _CREATE, 1, b" " * 70_000, "application/json"),
    _post(
        "/api/messages",
        {"user_receiver_handle": "londo", "message": "hello"},
        200,
        _served("POST /api/messages"),
        3,
    ),
    _post(f"/api/activities/{_NOBODY}/reply", {"message": "yes"}, 404, _REPLY),
    _get("/health", 200, _served("GET /health"), 2),
    _get("/api/activities/home", 200, replace(_HOME, name="HEAD /api/activities/home"), method="HEAD"),
    _get("/api/activities/home", 200, _served("OPTIONS /api/activities/home"), method="OPTIONS"),
    _get("/api/activities/home", 405, _served("DELETE"), method="DELETE"),
    _get("/api/activities/home", 405, _served("HTTP"), method="BREW"),
    _get("/nothing/here?token=x", 404, _served("GET"), 3),
    _get("/%F0%9F%98%80/%ff", 404, _served("GET")),
    _get("/demo/failure", 500, _served("GET /demo/failure", status=2, events=_FAILED), 4),
    _get("/demo/upstream", 200, _UPSTREAM),
    _get("/parity/threads", 200, _THREADS, 27),
    _get("/parity/chained", 500, _chain("while that was handled: ü"), 3),
    _get("/parity/chained?never-raised", 500, _chain("with a cause that has no traceback")),
    _get("/parity/chained?alone", 500, _chain("without those before it")),
    _get("/parity/handled", 200, _HANDLED, 15),
    _get("/parity/sql", 200, _SQL, 24),
    _get("/parity/values", 200, _VALUES, 15),
    _get("/parity/messages", 200, _MESSAGES, 15),
    _get("/parity/calls", 200, _CALLS, 21),
    _get("/parity/stream", 200, _STREAM, 4),
    Request(
        "POST",
        "/parity/echo",
        200,
        _served("POST /parity/echo"),
        3,
        b"\x00\xff" * 2_000,
        "application/octet-stream",
    ),
    _get("/parity/status/204", 204, _STATUS),
    _get("/parity/status/400", 400, _STATUS),
    _get("/parity/status/404", 404, _STATUS),
    _get("/parity/status/429", 429, _STATUS, 2),
    _get("/parity/status/503", 503, replace(_STATUS, status=2), 2),
)


def mixture(count: int) -> list[Request]:
    """Return *count* requests: each of the mixed ones where there is room, then by weight, in any order."""
    chance = random.Random(_SEED)  # noqa: S311 - the same in every run
    chosen = list(MIXED[:count])
    chosen += chance.choices(MIXED, [one.weight for one in MIXED], k=count - len(chosen))
    chance.shuffle(chosen)
    return chosen
