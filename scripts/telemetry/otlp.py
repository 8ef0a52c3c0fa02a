"""Spans as OTLP's protobuf, for Honeycomb. Source: opentelemetry-proto, trace/v1/trace.proto."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Status
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.telemetry.spans import Span, Value


def encode(spans: Iterable[Span], service: str) -> bytes:
    """Return *spans* as one ExportTraceServiceRequest of the service *service*."""
    by_recorder: dict[str, list[Span]] = {}
    for span in spans:
        by_recorder.setdefault(span.recorder, []).append(span)
    scopes = [
        ScopeSpans(scope=InstrumentationScope(name=name), spans=map(_wire, some))
        for name, some in by_recorder.items()
    ]
    resource = Resource(attributes=_attributes({"service.name": service}))
    request = ExportTraceServiceRequest(resource_spans=[ResourceSpans(resource=resource, scope_spans=scopes)])
    encoded: bytes = request.SerializeToString()
    return encoded


def _wire(span: Span) -> Wire:
    return Wire(
        trace_id=span.trace_id.to_bytes(16, "big"),
        span_id=span.span_id.to_bytes(8, "big"),
        parent_span_id=span.parent_id.to_bytes(8, "big") if span.parent_id else b"",
        name=span.name,
        kind=Wire.SPAN_KIND_INTERNAL,
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=max(span.start_ns, span.end_ns),
        attributes=_attributes(span.attributes),
        status=Status(code=Status.STATUS_CODE_ERROR if span.is_error else Status.STATUS_CODE_UNSET),
    )


def _attributes(values: Mapping[str, Value]) -> list[KeyValue]:
    return [KeyValue(key=name, value=_any(value)) for name, value in values.items()]


def _any(value: Value) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=value)
