"""Where the process's spans come from: a provider of ours, set globally, or the application's own."""

import threading

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Sampler

from services.tracing.coexistence.guest import Guest
from services.tracing.coexistence.process_propagator import ProcessPropagator, set_process_propagator
from services.tracing.pipeline import Pipeline
from services.tracing.recorder import Recorder
from services.tracing.recording.provider import Provider
from services.tracing.sampling import RuleSampler
from services.tracing.settings import TracingSettings

_lock = threading.Lock()
_installed: Provider | Guest | None = None
_notes: list[str] = []


def install(resource: Resource, sampler: Sampler, pipeline: Pipeline) -> Provider | Guest:
    """Return where spans come from, with this sampler and pipeline.

    Found the first time in a process: a TracerProvider of the SDK that the application set globally stays and
    is joined, otherwise ours is made and set. The propagator is ours where it was OpenTelemetry's default.
    """
    global _installed
    with _lock:
        if _installed is None:
            _installed = _install(resource)
        _installed.renew(resource, sampler, pipeline)
        return _installed


def _install(resource: Resource) -> Provider | Guest:
    _notes.clear()
    current = trace.get_tracer_provider()
    installed: Provider | Guest
    if isinstance(current, TracerProvider) and not isinstance(current, Provider):
        installed = Guest(current)
        _set_propagator(ProcessPropagator(installed.decision_of))
        return installed
    installed = Provider(resource)
    if isinstance(current, trace.ProxyTracerProvider):
        trace.set_tracer_provider(installed)
    else:
        _notes.append(
            f"the application's TracerProvider is {type(current).__qualname__} and not the SDK's:"
            " only the requests' own spans are recorded; set opentelemetry.sdk.trace.TracerProvider, or none"
        )
    _set_propagator(ProcessPropagator())
    return installed


def _set_propagator(propagator: ProcessPropagator) -> None:
    if not set_process_propagator(propagator):
        _notes.append(
            "the application chose its propagators: other instrumentations continue and pass on only what"
            " these read and write; leave OTEL_PROPAGATORS out to have X-Amzn-Trace-Id and traceparent"
        )


def make_recorder(
    installed: Provider | Guest, name: str, rules: RuleSampler | None, settings: TracingSettings
) -> Recorder:
    """Return what records requests, with a tracer called `name`."""
    if isinstance(installed, Guest):
        return installed.make_recorder(name, rules, settings)
    return Recorder(installed.get_tracer(name), installed.id_generator, rules, settings)


def installation_problems() -> list[str]:
    """Return what is less than it could be for being in another's application, one line each."""
    return [*_notes, *(_installed.problems() if isinstance(_installed, Guest) else ())]


def guest() -> Guest | None:
    """Return our part in the application's own provider, None where the provider is ours."""
    return _installed if isinstance(_installed, Guest) else None
