"""The process's TracerProvider and propagator: set once, for all tracers, and renewed in place."""

import threading
from collections.abc import Mapping

from opentelemetry import propagate, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler
from opentelemetry.sdk.version import __version__ as sdk_version

from services.tracing.ids import TraceIds
from services.tracing.pipeline import Pipeline, PipelineProcessor
from services.tracing.propagation import XRayAndW3CPropagator
from services.tracing.sampling import SwappableSampler
from services.tracing.settings import UNKNOWN_SERVICE, TracingSettings

_lock = threading.Lock()
_installed: "Provider | None" = None


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


def install(resource: Resource, sampler: Sampler, pipeline: Pipeline) -> Provider:
    """Return the process's provider with this sampler and pipeline, made and set globally the first time."""
    global _installed
    with _lock:
        if _installed is None:
            _installed = Provider(resource)
            trace.set_tracer_provider(_installed)
            propagate.set_global_textmap(
                CompositePropagator([XRayAndW3CPropagator(), W3CBaggagePropagator()])
            )
        _installed.renew(resource, sampler, pipeline)
        return _installed


def make_resource(settings: TracingSettings, group_name: str | None) -> Resource:
    """Return the resource of every span.

    The service's name is OTEL_SERVICE_NAME, else the loaded group's name, else the one in
    OTEL_RESOURCE_ATTRIBUTES.
    """
    attributes: Mapping[str, str] = settings.resource_attributes
    name = settings.service_name or group_name or attributes.get("service.name") or UNKNOWN_SERVICE
    return Resource(
        {
            "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.version": sdk_version,
            **attributes,
            "service.name": name,
            "service.version": settings.service_version,
            "deployment.environment.name": settings.deployment_environment,
        }
    )
