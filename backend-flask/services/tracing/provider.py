"""The process's TracerProvider: made once, for all tracers, and renewed in place."""

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler

from services.tracing.ids import TraceIds
from services.tracing.pipeline import Pipeline
from services.tracing.processor import PipelineProcessor
from services.tracing.sampling import SwappableSampler


class Provider(TracerProvider):
    """A TracerProvider whose sampler, pipeline and resource can be renewed: after a fork, or for another app.

    Tracers keep what they were given for life, so that they are given something to look behind.
    """

    def __init__(self, resource: Resource) -> None:
        self._swappable = SwappableSampler(ALWAYS_OFF)
        self._processor = PipelineProcessor()
        super().__init__(
            sampler=self._swappable, resource=resource, id_generator=TraceIds(), shutdown_on_exit=False
        )
        self.add_span_processor(self._processor)

    def renew(self, resource: Resource, sampler: Sampler, pipeline: Pipeline) -> None:
        """Let every span from now on be decided by `sampler` and put into `pipeline`."""
        if resource != self.resource:
            self._update_resource(resource)
        self._swappable.current = sampler
        self._processor.pipeline = pipeline

    def stop_recording(self) -> None:
        """Record nothing any more, until `renew`."""
        self._swappable.current = ALWAYS_OFF
        self._processor.pipeline = None
