"""Spans as the local Honeycomb stores them: of the shape that the traced backend sends."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from localcloud.honeycomb.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.honeycomb.attributes import Fields

ROUTES = 50
DATASET = "backend-flask"
_NANOSECONDS = 1_000_000_000
_ODD = 0x9E3779B97F4A7C15F39CC0605CEDC835
_MASK = 2**128 - 1


def spans(count: int, start: float, seconds: float) -> Iterator[Event]:
    """Yield spans of 26 fields in order of time, the same ones for the same count; `start` since 1970.

    Durations are spread as answers' are, with a long tail. Nine of ten stand for ten requests each, as where
    a rate of 0.1 sampled them; the tenth for itself alone.
    """
    generator = random.Random(count)
    begin = int(start * _NANOSECONDS)
    step = int(seconds * _NANOSECONDS) // count
    for number in range(count):
        route = generator.randrange(ROUTES)
        fields = _fields(number, route, generator.lognormvariate(2.5, 1.2))
        yield Event(DATASET, begin + number * step, 10 if number % 10 else 1, fields)


def _fields(number: int, route: int, duration_ms: float) -> Fields:
    identifier = f"{(number + 1) * _ODD & _MASK:032x}"
    status = 200 if number % 20 else 500
    return {
        "trace.trace_id": identifier,
        "trace.span_id": identifier[8:24],
        "trace.parent_id": identifier[16:],
        "name": f"GET /api/{route}",
        "type": "server",
        "span.kind": "server",
        "duration_ms": duration_ms,
        "status_code": 0,
        "span.num_links": 0,
        "span.num_events": 0,
        "meta.signal_type": "trace",
        "library.name": "opentelemetry.instrumentation.flask",
        "library.version": "0.50b0",
        "service.name": DATASET,
        "service.version": "1.0",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "1.29.0",
        "http.request.method": "GET",
        "http.route": f"/api/{route}",
        "http.response.status_code": status,
        "url.path": f"/api/{route}/{number % 1000}",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "user_agent.original": "curl/8.5.0",
        "app.result_length": number % 97,
    }
