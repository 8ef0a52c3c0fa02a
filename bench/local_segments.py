"""Segment documents for the local cloud's benchmarks: many, quickly made, about 600 bytes each.

A trace has four: a web server with its HTTP request and an annotation, which calls a second service through a
subsegment; that one calls a third and a fourth. Spread traces are of five services of each kind, 20 in all
with 80 calls among them and from clients, and nearly every response time is another.
"""

from __future__ import annotations

import json
import random
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CALL_DOCUMENTS = 50
"""As many as the X-Ray daemon sends in a call."""
TRACE_DOCUMENTS = 4
WANTED_BYTES = 600
SERVICES = ("web", "orders", "payments", "stock")
USERS = 1000
SPREAD = 5
"""How many services there are of each kind where traces are spread."""
SPREAD_SECONDS = 5.0


def bodies(documents: int, *, start: float, seconds: float, spread: bool = False) -> list[bytes]:
    """Return bodies of PutTraceSegments with so many documents, whose traces begin evenly over the time."""
    make = _spread_trace if spread else _trace
    traces = documents // TRACE_DOCUMENTS
    texts = [text for number in range(traces) for text in make(number, start + seconds * number / traces)]
    return [_body(texts[first : first + CALL_DOCUMENTS]) for first in range(0, len(texts), CALL_DOCUMENTS)]


def _body(texts: Sequence[str]) -> bytes:
    return json.dumps({"TraceSegmentDocuments": texts}).encode()


def _trace(number: int, begin: float) -> Iterator[str]:
    trace_id = f"1-{int(begin):08x}-{secrets.token_hex(12)}"
    ids = [secrets.token_hex(8) for _ in SERVICES]
    calls = [secrets.token_hex(8) for _ in SERVICES]
    for place, template in enumerate(_TEMPLATES):
        start = begin + 0.003 * place
        end = start + 0.02 + (number % 97) / 1000 - 0.003 * place
        parent = calls[0] if place == 1 else ids[1]
        status = 500 if place == 0 and number % 50 == 0 else 200
        yield template % {
            "trace_id": trace_id,
            "id": ids[place],
            "parent": parent,
            "call": calls[place],
            "start": repr(round(start, 6)),
            "end": repr(round(end, 6)),
            "status": status,
            "fault": "true" if status == 500 else "false",
            "user": number % USERS,
        }


def _spread_trace(number: int, begin: float) -> Iterator[str]:
    """Yield a trace's documents with services and response times of its own."""
    chosen = random.Random(number)  # the same ones in each run
    names = {name: f"{name}-{chosen.randrange(SPREAD)}" for name in SERVICES}
    for text in _trace(number, begin):
        document = json.loads(text)
        document["name"] = names[document["name"]]
        document["end_time"] = document["start_time"] + chosen.random() * SPREAD_SECONDS
        for call in document.get("subsegments", ()):
            call["name"] = names[call["name"]]
            call["end_time"] = document["end_time"]
        yield json.dumps(document, separators=(",", ":"))


def _template(place: int, name: str) -> str:
    document: dict[str, Any] = {
        "trace_id": "%(trace_id)s",
        "id": "%(id)s",
        "name": name,
        "start_time": "%(start)s",
        "end_time": "%(end)s",
        "origin": "AWS::ECS::Fargate",
        "aws": {"xray": {"sdk": "X-Ray for Python", "sdk_version": "2.15.0"}},
        "http": {
            "request": {"method": "GET", "url": f"http://{name}.example.com/api/items"},
            "response": {"status": "%(status)s", "content_length": 1234},
        },
    }
    if place == 0:
        call = {"id": "%(call)s", "name": SERVICES[1], "namespace": "remote"}
        times = {"start_time": "%(start)s", "end_time": "%(end)s"}
        document |= {
            "fault": "%(fault)s",
            "annotations": {"user": "u%(user)s"},
            "subsegments": [{**call, **times}],
        }
    else:
        document["parent_id"] = "%(parent)s"
    spare = WANTED_BYTES - len(json.dumps(document, separators=(",", ":")))
    document["metadata"] = {"default": {"note": "x" * max(spare - 40, 1)}}
    text = json.dumps(document, separators=(",", ":"))
    for bare in ("start", "end", "status", "fault"):
        text = text.replace(f'"%({bare})s"', f"%({bare})s")
    return text


_TEMPLATES = [_template(place, name) for place, name in enumerate(SERVICES)]
