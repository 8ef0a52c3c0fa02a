"""The requests of a run, sent: over a few connections at once, with trace headers in every form."""

from __future__ import annotations

import http.client
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.parity.expected import Caller
from scripts.parity.mixed import mixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.parity.mixed import Request

CONNECTIONS = 6
TIMEOUT_SECONDS = 30
_READ_THOUGH_UNWANTED_BYTES = 60_000
"""gunicorn closes the connection of a request whose longer body the application did not want to read."""


@dataclass(frozen=True)
class Sent:
    """A request, what its headers said of its caller, and its answer.

    `trace_id` has 32 hex digits; empty where the answer named no trace.
    """

    request: Request
    caller: Caller
    status: int
    trace_id: str


def trace_headers(number: int, trace_id: str, parent_id: str) -> tuple[dict[str, str], Caller]:
    """Return the trace headers of request *number*, and whom they name.

    They are none, or one of the forms in which they come; a broken one names nobody.
    """
    root = f"1-{trace_id[:8]}-{trace_id[8:]}"
    w3c = {"traceparent": f"00-{trace_id}-{parent_id}-01"}
    state = "vendor=a:b,other=1"
    nobody, traced, called = Caller(), Caller(trace_id), Caller(trace_id, parent_id)
    forms: tuple[tuple[dict[str, str], Caller], ...] = (
        ({}, nobody),
        ({}, nobody),
        ({"X-Amzn-Trace-Id": f"Root={root}"}, traced),
        ({"X-Amzn-Trace-Id": f"Root={root};Parent={parent_id};Sampled=1"}, called),
        ({"X-Amzn-Trace-Id": f"Self=1-00000000-000000000000000000000000;Root={root};Sampled=?"}, traced),
        (
            {"X-Amzn-Trace-Id": f"Root={root};Parent={parent_id};Sampled=1;Lineage=25:a87bd80c:1;Own=x"},
            called,
        ),
        (w3c, called),
        ({**w3c, "tracestate": state}, Caller(trace_id, parent_id, state)),
        ({**w3c, "X-Amzn-Trace-Id": f"Root=1-{trace_id[:8]}-{trace_id[8:][::-1]}"}, called),
        ({"X-Amzn-Trace-Id": "Root=nonsense;Parent=;Sampled=9"}, nobody),
        ({"traceparent": f"ff-{trace_id}-{parent_id}-01"}, nobody),
        ({"X-Forwarded-For": "203.0.113.7, 10.0.0.1", "baggage": "plan=free"}, nobody),
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
    headers, caller = trace_headers(number, trace_id, f"{chance.getrandbits(64) | 1:016x}")
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
    return Sent(request, caller, response.status, _trace_id(response.getheader("X-Amzn-Trace-Id", "")))


def _trace_id(header: str) -> str:
    fields = dict(part.partition("=")[::2] for part in header.split(";"))
    return "".join(fields.get("Root", "").split("-")[1:]).lower()
