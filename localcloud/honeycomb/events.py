"""Spans as Honeycomb events (reference: honeycombio/husky, otlp/traces.go and README.md).

Precedence, highest first: attributes of the span, event or link; of the scope; of the resource; built-ins.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from localcloud.honeycomb.attributes import Fields, add_attributes
from localcloud.honeycomb.datasets import cut_name, dataset_name
from localcloud.honeycomb.sample_rate import remove_sample_rate, take_sample_rate

NANOSECONDS_PER_MILLISECOND = 1_000_000

_KINDS = {
    Span.SPAN_KIND_CLIENT: "client",
    Span.SPAN_KIND_SERVER: "server",
    Span.SPAN_KIND_PRODUCER: "producer",
    Span.SPAN_KIND_CONSUMER: "consumer",
    Span.SPAN_KIND_INTERNAL: "internal",
}
_INSTRUMENTATION_LIBRARIES = (
    "io.opentelemetry",
    "opentelemetry.instrumentation",
    "OpenTelemetry.Instrumentation",
    "OpenTelemetry::Instrumentation",
    "go.opentelemetry.io/contrib/instrumentation",
    "@opentelemetry/instrumentation",
    "io.opentelemetry.contrib.php",
    "github.com/open-telemetry/opentelemetry-collector",
    "@honeycombio/",
)
_EXCEPTION_TEXTS = ("exception.message", "exception.type", "exception.stacktrace")
_EXCEPTION_FLAG = "exception.escaped"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `time` in nanoseconds since 1970, `sample_rate` how many events it stands for."""

    dataset: str
    time: int
    sample_rate: int
    fields: Fields


def events_of(request: ExportTraceServiceRequest, dataset: str | None = None) -> Iterator[Event]:
    """Yield the events of every span: its own events and links first, then the span.

    `dataset` is where they go with a Classic key; otherwise each resource's service name says.
    """
    for resource_spans in request.resource_spans:
        resource = _resource_fields(resource_spans)
        name = _dataset_of(resource, dataset)
        for scope_spans in resource_spans.scope_spans:
            around = resource | _scope_fields(scope_spans)
            for span in scope_spans.spans:
                yield from _span_events(name, around, span)


def datasets_of(request: ExportTraceServiceRequest, dataset: str | None = None) -> set[str]:
    """Return the names of the datasets that `events_of` puts events into."""
    return {
        _dataset_of(_resource_fields(resource_spans), dataset)
        for resource_spans in request.resource_spans
        if any(scope_spans.spans for scope_spans in resource_spans.scope_spans)
    }


def _dataset_of(resource: Fields, dataset: str | None) -> str:
    return dataset_name(resource.get("service.name")) if dataset is None else cut_name(dataset)


def trace_id_text(trace_id: bytes) -> str:
    """Return the id as Honeycomb shows it: 16 digits where the upper 8 of 16 bytes are zero."""
    if len(trace_id) == 16 and not any(trace_id[:8]):
        trace_id = trace_id[8:]
    return trace_id.hex()


def _resource_fields(resource_spans: ResourceSpans) -> Fields:
    fields: Fields = {}
    add_attributes(fields, resource_spans.resource.attributes)
    if resource_spans.schema_url:
        fields["resource.schema_url"] = resource_spans.schema_url
    return fields


def _scope_fields(scope_spans: ScopeSpans) -> Fields:
    scope: InstrumentationScope = scope_spans.scope
    fields: Fields = {}
    if scope.name:
        fields["library.name"] = scope.name
        if scope.name.startswith(_INSTRUMENTATION_LIBRARIES):
            fields["telemetry.instrumentation_library"] = True
    if scope.version:
        fields["library.version"] = scope.version
    add_attributes(fields, scope.attributes)
    if scope_spans.schema_url:
        fields["scope.schema_url"] = scope_spans.schema_url
    return fields


def _span_events(dataset: str, around: Fields, span: Span) -> Iterator[Event]:
    fields = _span_fields(span) | around
    add_attributes(fields, span.attributes)
    sample_rate = take_sample_rate(fields, span.trace_state)
    for event in span.events:
        yield Event(dataset, event.time_unix_nano, sample_rate, _span_event_fields(around, span, event))
    exception = next((event for event in span.events if event.name == "exception"), None)
    if exception is not None:
        _copy_exception(fields, exception)
    for link in span.links:
        yield Event(dataset, span.start_time_unix_nano, sample_rate, _link_fields(around, span, link))
    yield Event(dataset, span.start_time_unix_nano, sample_rate, fields)


def _span_fields(span: Span) -> Fields:
    kind = _KINDS.get(span.kind, "unspecified")
    fields: Fields = {
        "trace.trace_id": trace_id_text(span.trace_id),
        "trace.span_id": span.span_id.hex(),
        "type": kind,
        "span.kind": kind,
        "name": span.name,
        "status_code": span.status.code,
        "span.num_links": len(span.links),
        "span.num_events": len(span.events),
        "meta.signal_type": "trace",
        "duration_ms": (span.end_time_unix_nano - span.start_time_unix_nano) / NANOSECONDS_PER_MILLISECOND,
    }
    if span.end_time_unix_nano < span.start_time_unix_nano:
        fields["duration_ms"] = 0.0
        fields["meta.invalid_duration"] = True
    if span.parent_span_id:
        fields["trace.parent_id"] = span.parent_span_id.hex()
    if _is_error(span):
        fields["error"] = True
    if span.status.message:
        fields["status_message"] = span.status.message
    if span.trace_state:
        fields["trace.trace_state"] = span.trace_state
    return fields


def _span_event_fields(around: Fields, span: Span, event: Span.Event) -> Fields:
    since_start = (event.time_unix_nano - span.start_time_unix_nano) / NANOSECONDS_PER_MILLISECOND
    fields: Fields = {
        **_annotation_fields(span, "span_event"),
        "name": event.name,
        "meta.time_since_span_start_ms": max(since_start, 0.0),
    }
    if since_start < 0:
        fields["meta.invalid_time_since_span_start"] = True
    return _annotated(fields | around, span, event.attributes)


def _link_fields(around: Fields, span: Span, link: Span.Link) -> Fields:
    fields: Fields = {
        **_annotation_fields(span, "link"),
        "trace.link.trace_id": trace_id_text(link.trace_id),
        "trace.link.span_id": link.span_id.hex(),
    }
    return _annotated(fields | around, span, link.attributes)


def _annotation_fields(span: Span, kind: str) -> Fields:
    return {
        "trace.trace_id": trace_id_text(span.trace_id),
        "trace.parent_id": span.span_id.hex(),
        "parent_name": span.name,
        "meta.annotation_type": kind,
        "meta.signal_type": "trace",
    }


def _annotated(fields: Fields, span: Span, attributes: Iterable[KeyValue]) -> Fields:
    add_attributes(fields, attributes)
    remove_sample_rate(fields)
    if _is_error(span):
        fields["error"] = True
    return fields


def _copy_exception(fields: Fields, event: Span.Event) -> None:
    """Copy what the event says about an exception to the span, where that doesn't say it already.

    Values of another type than the one that OpenTelemetry gives them are left out.
    """
    for attribute in event.attributes:
        kind = attribute.value.WhichOneof("value")
        if attribute.key in _EXCEPTION_TEXTS and kind == "string_value":
            fields.setdefault(attribute.key, attribute.value.string_value)
        elif attribute.key == _EXCEPTION_FLAG and kind == "bool_value":
            fields.setdefault(attribute.key, attribute.value.bool_value)


def _is_error(span: Span) -> bool:
    return span.status.code == Status.STATUS_CODE_ERROR
