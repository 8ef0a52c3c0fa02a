"""Spans for tests, recorded by a real tracer."""

from typing import Any

from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind

RESOURCE = Resource({"service.name": "cruddur", "telemetry.sdk.language": "python"})


def make_span(name: str = "GET /", kind: SpanKind = SpanKind.SERVER, **attributes: Any) -> ReadableSpan:
    """Return an ended span."""
    provider = TracerProvider(ALWAYS_ON, RESOURCE, shutdown_on_exit=False, id_generator=AwsXRayIdGenerator())
    span = provider.get_tracer("test").start_span(name, kind=kind, attributes=attributes)
    span.end()
    assert isinstance(span, ReadableSpan)
    return span
