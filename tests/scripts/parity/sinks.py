"""One span as both sinks have it: recorded with the SDK, translated, stored, and read back in their forms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from localcloud.honeycomb.control import _shown
from localcloud.honeycomb.events import events_of
from localcloud.honeycomb.store import StoredEvent
from scripts.parity import document_facts, event_facts
from scripts.parity.ledger import Comparison, compare
from services.tracing.segments import segment_documents
from services.tracing.sending.shorten import encode_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT_ID, ELSEWHERE_ID = 0xA1, 0xF6
"""Parents that count as known in every comparison: the request's own span, and a caller's."""

START = 1_789_000_000_123_456_789
TRACE_ID = 0x6AA1F4400123456789ABCDEF01234567
RESOURCE = Resource(
    {
        "service.name": "cruddur",
        "service.version": "1.2.3",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": "1.45.1",
    }
)
TRACEBACK = """Traceback (most recent call last):
  File "/app/routes.py", line 7, in show
    int("x")
ValueError: invalid literal

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/wsgi.py", line 3, in serve
    show()
  File "/app/routes.py", line 9, in show
    raise Failure("two\\nlines") from error
app.Failure: two
lines
"""


def context(span_id: int, trace_id: int = TRACE_ID) -> SpanContext:
    """A sampled span's ids."""
    return SpanContext(trace_id, span_id, False, TraceFlags(TraceFlags.SAMPLED))


def span(
    name: str = "GET /api/activities/home",
    *,
    span_id: int = ROOT_ID,
    parent_id: int | None = None,
    kind: SpanKind = SpanKind.SERVER,
    attributes: Mapping[str, Any] | None = None,
    events: Sequence[Event] = (),
    links: Sequence[Link] = (),
    status: Status | None = None,
    start: int = START,
    took: int = 1_234_567,
) -> ReadableSpan:
    """A span that has ended; times in nanoseconds."""
    return ReadableSpan(
        name,
        context=context(span_id),
        parent=None if parent_id is None else context(parent_id),
        kind=kind,
        resource=RESOURCE,
        attributes=dict(attributes or {}),
        events=events,
        links=links,
        status=status or Status(StatusCode.UNSET),
        start_time=start,
        end_time=start + took,
    )


def failed_request() -> ReadableSpan:
    """A request with everything that a document can say of one."""
    attributes = {
        "http.request.method": "GET",
        "url.path": "/api/activities/home",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": 4567,
        "client.address": "127.0.0.1",
        "network.peer.address": "127.0.0.1",
        "user_agent.original": "curl/8",
        "http.route": "/api/activities/home",
        "http.response.status_code": 500,
        "http.response.body.size": 27,
        "app.flag": True,
        "app.number": 1,
        "app.numbers": [1, 2],
        "app.text": "hello",
        "enduser.id": "andrew",
    }
    failure = {
        "exception.type": "app.Failure",
        "exception.message": "two\nlines",
        "exception.stacktrace": TRACEBACK,
    }
    return span(
        attributes=attributes,
        events=[Event("exception", failure, START + 5)],
        links=[Link(context(0xB2, TRACE_ID + 1), {"app.why": "followed"})],
        status=Status(StatusCode.ERROR),
    )


def documents(*spans: ReadableSpan, limit: int = 65_000) -> list[dict[str, Any]]:
    """What X-Ray gets of these spans, as it leaves the backend."""
    made = [one for each in spans for one in segment_documents(each, indexed_attributes=["http.route"])]
    return [json.loads(encode_document(one, limit)[0]) for one in made]


def events(*spans: ReadableSpan) -> list[dict[str, Any]]:
    """What the local Honeycomb shows of these spans."""
    request = ExportTraceServiceRequest.FromString(encode_spans(spans).SerializeToString())
    stored = (
        StoredEvent(one.dataset, one.time, one.sample_rate, one.fields, 0) for one in events_of(request)
    )
    return [json.loads(json.dumps(_shown(one))) for one in stored]


def compared(xray: list[dict[str, Any]], honeycomb: list[dict[str, Any]]) -> Comparison:
    """The ledger's comparison of what both have."""
    ours = document_facts.read(xray)
    # the resource of the run is known from its other spans too
    names = {name for facts in ours for name in facts.resource} | set(RESOURCE.attributes)
    callers = {(f"{TRACE_ID:032x}", f"{parent_id:016x}") for parent_id in (ROOT_ID, ELSEWHERE_ID)}
    return compare(ours, event_facts.read(honeycomb, event_facts.Reading(names)), callers=callers)


def facts_of(xray: list[dict[str, Any]], honeycomb: list[dict[str, Any]]) -> set[str]:
    """The names of what differs."""
    return {one.fact for one in compared(xray, honeycomb).differences}
