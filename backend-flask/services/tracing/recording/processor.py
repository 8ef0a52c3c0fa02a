"""The way of ended spans from a TracerProvider into the pipeline."""

import time

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from services.tracing.pipeline import Pipeline


class PipelineProcessor(SpanProcessor):
    """Puts sampled spans into `pipeline`, which is another one after a fork; None while there is none."""

    def __init__(self) -> None:
        self.pipeline: Pipeline | None = None

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Do nothing: what matters is known at the end."""

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a sampled span."""
        pipeline, context = self.pipeline, span.context
        if pipeline is not None and context is not None and context.trace_flags.sampled:
            pipeline.put(span)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Wait until all that is queued is with the sinks."""
        pipeline = self.pipeline
        return pipeline is None or pipeline.flush(time.monotonic() + timeout_millis / 1000)
