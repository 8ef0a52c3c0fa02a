"""The process's TracerProvider: made once, for all tracers, and renewed in place."""

import logging

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.util.types import Attributes

from services.tracing.pipeline import Pipeline
from services.tracing.recording.ids import TraceIds
from services.tracing.recording.processor import PipelineProcessor
from services.tracing.recording.span import Span
from services.tracing.recording.span_bounds import SpanBounds
from services.tracing.recording.tracer import Tracer
from services.tracing.sampling import RuleSampler

_log = logging.getLogger(__name__)


class Provider(TracerProvider):
    """A TracerProvider whose sampler, pipeline and resource can be renewed: after a fork, or for another app.

    Its tracers ask it at each span, so that all that others hold of it stays valid for life.

    Attributes:
        bounds: how much a span may hold.
        follows_parents: whether a span of this process is decided as the one above it, without being asked.
        is_watched: whether processors of the application's own want to be told of each span.
    """

    def __init__(self, resource: Resource) -> None:
        self.bounds = SpanBounds()
        self.follows_parents = False
        self.is_watched = False
        self._pipeline: Pipeline | None = None
        self._processor = PipelineProcessor()
        super().__init__(
            sampler=ALWAYS_OFF, resource=resource, id_generator=TraceIds(), shutdown_on_exit=False
        )
        super().add_span_processor(self._processor)

    def renew(
        self, resource: Resource, sampler: Sampler, pipeline: Pipeline, bounds: SpanBounds | None = None
    ) -> None:
        """Let every span from now on be decided by `sampler` and put into `pipeline`."""
        self._resource = resource
        self.bounds = bounds or SpanBounds()
        self.sampler = sampler
        self.follows_parents = isinstance(sampler, RuleSampler)
        self._pipeline = pipeline
        self._processor.renew(pipeline)

    def stop_recording(self) -> None:
        """Record nothing any more, until `renew`; what began before counts as dropped when it ends."""
        self.sampler = ALWAYS_OFF
        self.follows_parents = False
        self._pipeline = None
        self._processor.stop()

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        """Return the tracer of a scope."""
        scope = InstrumentationScope(
            instrumenting_module_name or "", instrumenting_library_version or "", schema_url, attributes
        )
        return Tracer(self, scope)

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        """Tell a processor of the application's own of each span, too."""
        super().add_span_processor(span_processor)
        self.is_watched = True

    def started(self, span: Span, context: Context | None = None) -> None:
        """Tell the application's processors of a span that began. Never raises."""
        try:
            self._active_span_processor.on_start(span, context)  # type: ignore[arg-type]
        except Exception:  # noqa: BLE001 (theirs; a request must not fail for being traced)
            _log.exception("a span processor of the application's own failed when a span began")

    def ended(self, span: Span) -> None:
        """Take a span that ended: into the pipeline, and to the application's processors. Never raises."""
        if self.is_watched:
            try:
                # The first of them is the one that puts it into the pipeline.
                self._active_span_processor.on_end(span)
            except Exception:  # noqa: BLE001 (see started)
                _log.exception("a span processor of the application's own failed when a span ended")
        elif (pipeline := self._pipeline) is not None:
            pipeline.put(span)
        else:
            self._processor.put(span)
