"""Spans as OTLP: an ExportTraceServiceRequest in protobuf, gzipped.

Source: opentelemetry-proto, trace/v1/trace.proto; the tests hold it against OpenTelemetry's own encoder.
"""

import gzip
import logging
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, TraceState

from services.tracing.sending.fitting import EVENT_MAX_BYTES, fit
from services.tracing.sending.protobuf import key_value, utf8, varint, with_length
from services.tracing.times import bounded_nanoseconds

GZIP_LEVEL = 1
BODY_MAX_BYTES = 4 * 1024 * 1024
"""Uncompressed. Honeycomb reads 20 MiB, X-Ray's endpoint 5 MB: a larger batch is sent in halves."""
SAMPLE_RATE = "SampleRate"
"""Honeycomb weights an event by it and keeps it off the event's fields."""

_ATTRIBUTE_OF_SPAN, _ATTRIBUTE_OF_RESOURCE = b"\x4a", b"\x0a"
_ATTRIBUTE_OF_EVENT, _ATTRIBUTE_OF_LINK, _ATTRIBUTE_OF_SCOPE = b"\x1a", b"\x22", b"\x1a"
_TIMES = struct.Struct("<cQcQ").pack
_TIME = struct.Struct("<Q").pack
_FLAGS = b"\x85\x01" + (0x100).to_bytes(4, "little")
_FLAGS_REMOTE = b"\x85\x01" + (0x300).to_bytes(4, "little")

_resources: dict[int, tuple[Resource, bytes]] = {}
_CACHED_RESOURCES_MAX = 8
_log = logging.getLogger(__name__)


class Encoded(NamedTuple):
    """A body, how many spans could not be encoded and are not in it, and how many had to be shortened."""

    body: bytes
    unencodable: int
    shortened: int


def encode(spans: Iterable[ReadableSpan]) -> Encoded:
    """Return the spans as an ExportTraceServiceRequest.

    A span that tells its `sample_rate` carries it as the attribute SampleRate. One with more attributes than
    Honeycomb keeps of an event is shortened, see `fitting`.
    """
    unencodable = shortened = 0
    groups: dict[int, tuple[Resource, dict[int, tuple[InstrumentationScope | None, list[bytes]]]]] = {}
    for span in spans:
        try:
            data = _span(span, span.attributes, [_event(event, event.attributes) for event in span.events])
            if len(data) > EVENT_MAX_BYTES:
                events = [_event(event, fit(event.attributes or {})) for event in span.events]
                fitted = _span(span, fit(span.attributes or {}), events)
                shortened += len(fitted) < len(data)
                data = fitted
        except Exception:  # noqa: BLE001 (one span must not cost the batch)
            _log.debug("a span can't be encoded", exc_info=True)
            unencodable += 1
            continue
        resource, scope = span.resource, span.instrumentation_scope
        scopes = groups.setdefault(id(resource), (resource, {}))[1]
        scopes.setdefault(id(scope), (scope, []))[1].append(data)
    parts = [_resource_spans(resource, scopes.values()) for resource, scopes in groups.values()]
    return Encoded(b"".join(parts), unencodable, shortened)


def _resource_spans(
    resource: Resource, scopes: Iterable[tuple[InstrumentationScope | None, list[bytes]]]
) -> bytes:
    parts = [_resource(resource)]
    for scope, spans in scopes:
        data = _scope(scope) + b"".join(spans)
        if scope is not None and scope.schema_url:
            data += b"\x1a" + with_length(utf8(scope.schema_url))
        parts.append(b"\x12" + with_length(data))
    if resource.schema_url:
        parts.append(b"\x1a" + with_length(utf8(resource.schema_url)))
    return b"\x0a" + with_length(b"".join(parts))


def _resource(resource: Resource) -> bytes:
    known = _resources.get(id(resource))
    if known is None or known[0] is not resource:
        if len(_resources) >= _CACHED_RESOURCES_MAX:
            _resources.clear()
        attributes = _attributes(resource.attributes, _ATTRIBUTE_OF_RESOURCE)
        known = _resources[id(resource)] = resource, b"\x0a" + with_length(attributes)
    return known[1]


def _scope(scope: InstrumentationScope | None) -> bytes:
    if scope is None:
        return b""
    data = b"\x0a" + with_length(utf8(scope.name))
    if scope.version:
        data += b"\x12" + with_length(utf8(scope.version))
    return b"\x0a" + with_length(data + _attributes(scope.attributes, _ATTRIBUTE_OF_SCOPE))


def _span(span: ReadableSpan, attributes: Mapping[str, Any] | None, events: Sequence[bytes]) -> bytes:
    context, parent = span.context, span.parent
    parts = [
        b"\x0a\x10",
        context.trace_id.to_bytes(16, "big"),
        b"\x12\x08",
        context.span_id.to_bytes(8, "big"),
    ]
    if context.trace_state:
        parts.append(b"\x1a" + with_length(_trace_state(context.trace_state)))
    if parent is not None:
        parts += (b"\x22\x08", parent.span_id.to_bytes(8, "big"))
    parts += (
        b"\x2a",
        with_length(utf8(span.name)),
        b"\x30",
        varint(span.kind.value + 1),
        _TIMES(b"\x39", bounded_nanoseconds(span.start_time), b"\x41", bounded_nanoseconds(span.end_time)),
    )
    if attributes:
        for key, value in attributes.items():
            parts += (_ATTRIBUTE_OF_SPAN, key_value(key, value))
    rate = getattr(span, "sample_rate", None)
    if rate is not None and SAMPLE_RATE not in (attributes or ()):
        parts += (_ATTRIBUTE_OF_SPAN, key_value(SAMPLE_RATE, rate))
    parts.append(_dropped(b"\x50", span.dropped_attributes))
    if events:
        parts += (b"\x5a" + with_length(event) for event in events)
    parts.append(_dropped(b"\x60", span.dropped_events))
    if span.links:
        parts += (b"\x6a" + with_length(_link(link)) for link in span.links)
    parts.append(_dropped(b"\x70", span.dropped_links))
    if not span.status.is_unset:
        parts.append(b"\x7a" + with_length(_status(span.status)))
    parts.append(_flags(parent))
    return b"\x12" + with_length(b"".join(parts))


def _event(event: Event, attributes: Mapping[str, Any] | None) -> bytes:
    return b"".join(
        (
            b"\x09" + _TIME(bounded_nanoseconds(event.timestamp)),
            b"\x12" + with_length(utf8(event.name)),
            _attributes(attributes, _ATTRIBUTE_OF_EVENT),
            _dropped(b"\x20", event.dropped_attributes),
        )
    )


def _link(link: Link) -> bytes:
    context = link.context
    data = (
        b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big")
    )
    if context.trace_state:
        data += b"\x1a" + with_length(_trace_state(context.trace_state))
    data += _attributes(link.attributes, _ATTRIBUTE_OF_LINK) + _dropped(b"\x28", link.dropped_attributes)
    return data + b"\x35" + (0x300 if context.is_remote else 0x100).to_bytes(4, "little")


def _status(status: Status) -> bytes:
    message = b"\x12" + with_length(utf8(status.description)) if status.description else b""
    return message + b"\x18" + varint(status.status_code.value)


def _attributes(attributes: Mapping[str, Any] | None, tag: bytes) -> bytes:
    return b"".join(tag + key_value(key, value) for key, value in (attributes or {}).items())


def _trace_state(state: TraceState) -> bytes:
    return utf8(",".join(f"{key}={value}" for key, value in state.items()))


def _dropped(tag: bytes, count: int) -> bytes:
    return tag + varint(count) if count else b""


def _flags(parent: SpanContext | None) -> bytes:
    return _FLAGS_REMOTE if parent is not None and parent.is_remote else _FLAGS


def compress(body: bytes) -> bytes:
    """Return the body gzipped, cheaply."""
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def rejected_spans(body: bytes) -> tuple[int, str]:
    """Return how many spans a 200 answer says were rejected, and why; 0 where it says nothing readable."""
    if not body:
        return 0, ""
    try:
        partial = ExportTraceServiceResponse.FromString(body).partial_success
    except Exception:  # noqa: BLE001 (protobuf's DecodeError, which has moved between versions)
        return 0, ""
    return partial.rejected_spans, partial.error_message
