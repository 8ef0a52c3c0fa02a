"""Where the process's spans come from: a provider of ours, set globally, or the application's own."""

import os
import threading

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Sampler

from services.tracing.coexistence.guest import Guest
from services.tracing.coexistence.process_propagator import ProcessPropagator, set_process_propagator
from services.tracing.pipeline import Pipeline
from services.tracing.probes import Probes
from services.tracing.recorder import Recorder
from services.tracing.recording.provider import Provider
from services.tracing.recording.span_bounds import SpanBounds
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.sampling import EVERYBODY, RuleSampler
from services.tracing.settings import TracingSettings

_lock = threading.Lock()
_installed: Provider | Guest | None = None
_propagator = ProcessPropagator()
_notes: list[str] = []


def install(
    resource: Resource,
    sampler: Sampler,
    pipeline: Pipeline,
    trusted: TrustedCallers = EVERYBODY,
    bounds: SpanBounds | None = None,
) -> Provider | Guest:
    """Return where spans come from, with this sampler and pipeline; `trusted` callers bring a decision along.

    `bounds` is how much a span of our own provider may hold; an application's own has its own.

    Found the first time in a process: a TracerProvider of the SDK that the application set globally stays and
    is joined, otherwise ours is made and set. The propagator is ours where it was OpenTelemetry's default.
    """
    global _installed, _propagator
    with _lock:
        if _installed is None:
            _installed, _propagator = _install(resource)
        _propagator.trusted = trusted
        if isinstance(_installed, Provider):
            _installed.renew(resource, sampler, pipeline, bounds)
        else:
            _installed.renew(resource, sampler, pipeline)
        return _installed


def _install(resource: Resource) -> tuple[Provider | Guest, ProcessPropagator]:
    _notes.clear()
    current = trace.get_tracer_provider()
    if isinstance(current, TracerProvider) and not isinstance(current, Provider):
        joined = Guest(current)
        return joined, _set_propagator(ProcessPropagator(joined.decision_of))
    installed = Provider(resource)
    if isinstance(current, trace.ProxyTracerProvider):
        trace.set_tracer_provider(installed)
    else:
        _notes.append(
            f"the application's TracerProvider is {type(current).__qualname__} and not the SDK's:"
            " only the requests' own spans are recorded; set opentelemetry.sdk.trace.TracerProvider, or none"
        )
    return installed, _set_propagator(ProcessPropagator())


def _set_propagator(propagator: ProcessPropagator) -> ProcessPropagator:
    if not set_process_propagator(propagator):
        _notes.append(
            "the application chose its propagators: other instrumentations continue and pass on only what"
            " these read and write; leave OTEL_PROPAGATORS out to have X-Amzn-Trace-Id and traceparent"
        )
    return propagator


def make_recorder(
    installed: Provider | Guest,
    name: str,
    rules: RuleSampler | None,
    settings: TracingSettings,
    probes: Probes | None = None,
) -> Recorder:
    """Return what records requests, with a tracer called `name`."""
    if isinstance(installed, Guest):
        return installed.make_recorder(name, rules, settings, probes)
    return Recorder(installed.get_tracer(name), installed.id_generator, rules, settings, probes)


def installation_problems() -> list[str]:
    """Return what is less than it could be for being in another's application, one line each."""
    return [*_notes, *(_installed.problems() if isinstance(_installed, Guest) else ())]


def guest() -> Guest | None:
    """Return our part in the application's own provider, None where the provider is ours."""
    return _installed if isinstance(_installed, Guest) else None


def _after_fork() -> None:
    """A thread of the parent's may have held the lock, and did not come along."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
