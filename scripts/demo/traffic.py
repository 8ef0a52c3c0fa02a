"""The demo's traffic: what a page would ask for, some of it wrong, and one request with spans to look at."""

from __future__ import annotations

import os
import time
from collections import Counter

import requests

from scripts.errors import OperatorError
from xray.names import to_xray_trace_id

ROUNDS = 6
PAUSE_SECONDS = 0.15
TRIES = 60
TRY_PAUSE_SECONDS = 0.25
REQUEST_TIMEOUT_SECONDS = 10.0
DEEP_PATH = "/demo/upstream"
_GETS = (
    "/api/activities/home",
    "/api/activities/notifications",
    "/api/activities/search?term=cloud",
    "/api/message_groups",
    "/health",
    "/api/activities/00000000-0000-0000-0000-000000000000",
    "/demo/failure",
)


def send(address: str) -> Counter[str]:
    """Send the traffic and return how many answers there were of each class (``2xx``, ``4xx``, ``5xx``)."""
    answers: Counter[str] = Counter()
    with requests.Session() as session:
        for number in range(ROUNDS):
            for path in _GETS:
                answer = session.get(f"{address}{path}", timeout=REQUEST_TIMEOUT_SECONDS)
                answers[f"{answer.status_code // 100}xx"] += 1
            body = {"user_handle": "andrew", "message": f"hello {number}", "ttl": "7-days"}
            for content in (body, {"message": 7}):
                answer = session.post(
                    f"{address}/api/activities", json=content, timeout=REQUEST_TIMEOUT_SECONDS
                )
                answers[f"{answer.status_code // 100}xx"] += 1
            time.sleep(PAUSE_SECONDS)
    return answers


def sampled_request(address: str, path: str) -> str:
    """Send requests to *path* until the rules sample one, and return its trace id in X-Ray's form.

    The decision stays the rules': the request asks for it (``Sampled=?``) and the answer tells it.
    Raises OperatorError where none of sixty in fifteen seconds was sampled.
    """
    for _ in range(TRIES):
        root = to_xray_trace_id((int(time.time()) << 96) | int.from_bytes(os.urandom(12), "big"))
        answer = requests.get(
            f"{address}{path}",
            headers={"X-Amzn-Trace-Id": f"Root={root};Sampled=?"},
            timeout=REQUEST_TIMEOUT_SECONDS,
        )
        told = dict(part.partition("=")[::2] for part in answer.headers.get("X-Amzn-Trace-Id", "").split(";"))
        if told.get("Sampled") == "1":
            return told["Root"]
        time.sleep(TRY_PAUSE_SECONDS)
    raise OperatorError(
        f"no request to {path} was sampled in {TRIES} tries", remedy="look at the rules in /health/tracing"
    )
