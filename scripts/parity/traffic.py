"""The requests of a run: every route, right and wrong, with incoming trace headers in every form."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONNECTIONS = 6
TIMEOUT_SECONDS = 30
_SEED = 4567
_READ_THOUGH_UNWANTED_BYTES = 60_000
"""gunicorn closes the connection of a request whose longer body the application did not want to read."""


@dataclass(frozen=True)
class Request:
    """One request; `weight` says how often it comes among the others."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = ""
    weight: int = 1


@dataclass(frozen=True)
class Sent:
    """A request and its answer. `trace_id` has 32 hex digits; empty where the answer named no trace."""

    method: str
    path: str
    status: int
    trace_id: str


def _json(method: str, path: str, document: object, weight: int = 1) -> Request:
    return Request(method, path, json.dumps(document).encode(), "application/json", weight)


MIXED = (
    Request("GET", "/api/activities/home", weight=12),
    Request("GET", "/api/activities/notifications", weight=8),
    Request("GET", "/api/activities/search?term=cloud", weight=6),
    Request("GET", "/api/activities/search", weight=2),
    Request("GET", "/api/activities/@andrewbrown", weight=6),
    Request("GET", "/api/activities/@%C3%BC", weight=2),
    Request("GET", "/api/activities/00000000-0000-0000-0000-000000000000", weight=3),
    Request("GET", "/api/message_groups", weight=4),
    Request("GET", "/api/messages/@londo", weight=4),
    _json("POST", "/api/activities", {"user_handle": "andrew", "message": "hello", "ttl": "7-days"}, 5),
    _json("POST", "/api/activities", {"message": 7}, 2),
    Request("POST", "/api/activities", b"{", "application/json", 2),
    Request("POST", "/api/activities", b"hello", "text/plain", 1),
    Request("POST", "/api/activities", b" " * 70_000, "application/json", 1),
    _json("POST", "/api/messages", {"user_receiver_handle": "londo", "message": "hello"}, 3),
    _json("POST", "/api/activities/00000000-0000-0000-0000-000000000000/reply", {"message": "yes"}, 1),
    Request("GET", "/health", weight=2),
    Request("HEAD", "/api/activities/home", weight=1),
    Request("OPTIONS", "/api/activities/home", weight=1),
    Request("DELETE", "/api/activities/home", weight=1),
    Request("BREW", "/api/activities/home", weight=1),
    Request("GET", "/nothing/here?token=x", weight=3),
    Request("GET", "/%F0%9F%98%80/%ff", weight=1),
    Request("GET", "/demo/failure", weight=4),
    Request("GET", "/demo/upstream", weight=1),
    Request("GET", "/parity/threads", weight=27),
    Request("GET", "/parity/chained", weight=3),
    Request("GET", "/parity/chained?never-raised", weight=1),
    Request("GET", "/parity/chained?alone", weight=1),
    Request("GET", "/parity/handled", weight=15),
    Request("GET", "/parity/sql", weight=24),
    Request("GET", "/parity/values", weight=15),
    Request("GET", "/parity/messages", weight=15),
    Request("GET", "/parity/calls", weight=21),
    Request("GET", "/parity/stream", weight=4),
    Request("POST", "/parity/echo", b"\x00\xff" * 2_000, "application/octet-stream", 3),
    Request("GET", "/parity/status/204", weight=1),
    Request("GET", "/parity/status/400", weight=1),
    Request("GET", "/parity/status/404", weight=1),
    Request("GET", "/parity/status/429", weight=2),
    Request("GET", "/parity/status/503", weight=2),
)


def mixture(count: int) -> list[Request]:
    """Return *count* requests: each of the mixed ones where there is room, then by weight, in any order."""
    chance = random.Random(_SEED)  # noqa: S311 - the same in every run
    chosen = list(MIXED[:count])
    chosen += chance.choices(MIXED, [one.weight for one in MIXED], k=count - len(chosen))
    chance.shuffle(chosen)
    return chosen


def trace_headers(number: int, trace_id: str, parent_id: str) -> dict[str, str]:
    """Return the trace headers of request *number*: none, or one of the forms in which they come."""
    root = f"1-{trace_id[:8]}-{trace_id[8:]}"
    w3c = {"traceparent": f"00-{trace_id}-{parent_id}-01"}
    forms: tuple[dict[str, str], ...] = (
        {},
        {},
        {"X-Amzn-Trace-Id": f"Root={root}"},
        {"X-Amzn-Trace-Id": f"Root={root};Parent={parent_id};Sampled=1"},
        {"X-Amzn-Trace-Id": f"Self=1-00000000-000000000000000000000000;Root={root};Sampled=?"},
        {"X-Amzn-Trace-Id": f"Root={root};Parent={parent_id};Sampled=1;Lineage=25:a87bd80c:1;Own=x"},
        w3c,
        {**w3c, "tracestate": "vendor=a:b,other=1"},
        {**w3c, "X-Amzn-Trace-Id": f"Root=1-{trace_id[:8]}-{trace_id[8:][::-1]}"},
        {"X-Amzn-Trace-Id": "Root=nonsense;Parent=;Sampled=9"},
        {"traceparent": f"ff-{trace_id}-{parent_id}-01"},
        {"X-Forwarded-For": "203.0.113.7, 10.0.0.1", "baggage": "plan=free"},
    )
    return forms[number % len(forms)]


def send(port: int, count: int, progress: Callable[[int], None]) -> list[Sent]:
    """Send *count* requests over a few connections at once and return what was answered.

    *progress* is told how many are done. Raises OperatorError where a request was not answered.
    """
    numbers = iter(enumerate(mixture(count)))
    taking, telling = threading.Lock(), threading.Lock()
    sent: list[Sent] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - ids of this run alone
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        try:
            for number, request in _taken(numbers, taking):
                answer = _exchange(connection, number, request, chance)
                with telling:
                    sent.append(answer)
                    progress(len(sent))
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        working = [
            pool.submit(work, chance) for chance in random.SystemRandom().sample(range(2**32), CONNECTIONS)
        ]
    for one in working:
        one.result()
    return sent


def _taken(numbers: Iterator[tuple[int, Request]], lock: threading.Lock) -> Iterator[tuple[int, Request]]:
    while True:
        with lock:
            taken = next(numbers, None)
        if taken is None:
            return
        yield taken


def _exchange(
    connection: http.client.HTTPConnection, number: int, request: Request, chance: random.Random
) -> Sent:
    trace_id = f"{int(time.time()):08x}{chance.getrandbits(96):024x}"
    headers = trace_headers(number, trace_id, f"{chance.getrandbits(64) | 1:016x}")
    if len(request.body) > _READ_THOUGH_UNWANTED_BYTES:
        headers["Connection"] = "close"
    headers["User-Agent"] = f"parity/{number % 7}"
    if request.content_type:
        headers["Content-Type"] = request.content_type
    try:
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        raise OperatorError(
            f"{request.method} {request.path} was not answered ({type(error).__name__}: {error})",
            remedy="look at the backend's log",
        ) from error
    return Sent(
        request.method, request.path, response.status, _trace_id(response.getheader("X-Amzn-Trace-Id", ""))
    )


def _trace_id(header: str) -> str:
    fields = dict(part.partition("=")[::2] for part in header.split(";"))
    return "".join(fields.get("Root", "").split("-")[1:]).lower()
