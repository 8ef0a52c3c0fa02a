"""Taking over the process's tracers: the provider and the propagator, set globally the first time."""

import threading

from opentelemetry import propagate, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.sampling import Sampler

from services.tracing.pipeline import Pipeline
from services.tracing.propagation import XRayAndW3CPropagator
from services.tracing.provider import Provider

_lock = threading.Lock()
_installed: Provider | None = None


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
