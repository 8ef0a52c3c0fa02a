"""The OpenTelemetry set-up of somebody else's, in the usual pieces."""

import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor


def set_provider(*, with_xray_ids: bool = False) -> None:
    """Set a provider that sends everything to a receiver of theirs, and prints it."""
    ids = AwsXRayIdGenerator() if with_xray_ids else None
    provider = TracerProvider(resource=Resource.create({"service.name": "theirs"}), id_generator=ids)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(os.environ["THEIR_ENDPOINT"])))
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    trace.set_tracer_provider(provider)
