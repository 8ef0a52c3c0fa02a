"""The way of ended spans from a TracerProvider into the pipeline."""

import os
import time

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from services.tracing.pipeline import Pipeline


class PipelineProcessor(SpanProcessor):
    """Puts sampled spans into `pipeline`, which is another one after a fork; None while there is none.

    What ends after the pipeline was stopped is counted there as dropped: it began while there was tracing.
    """

    def __init__(self) -> None:
        self.pipeline: Pipeline | None = None
        self._stopped: Pipeline | None = None
        self._pid = os.getpid()

    def renew(self, pipeline: Pipeline) -> None:
        """Put spans into `pipeline` from now on."""
        self.pipeline, self._stopped, self._pid = pipeline, None, os.getpid()

    def stop(self) -> None:
        """Put spans nowhere, until `renew`."""
        self._stopped, self.pipeline = self.pipeline or self._stopped, None

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Do nothing: what matters is known at the end."""

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a sampled span."""
        context = span.context
        if context is not None and context.trace_flags.sampled:
            self.put(span)

    def put(self, span: ReadableSpan) -> None:
        """Queue a span, or count it with the pipeline that was stopped: in a child that is the parent's."""
        if (pipeline := self.pipeline) is not None:
            pipeline.put(span)
        elif (stopped := self._stopped) is not None and self._pid == os.getpid():
            stopped.put(span)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Wait until all that is queued is with the sinks."""
        pipeline = self.pipeline
        return pipeline is None or pipeline.flush(time.monotonic() + timeout_millis / 1000)
