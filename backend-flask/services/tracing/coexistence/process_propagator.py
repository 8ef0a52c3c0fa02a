"""The propagator that is set for the whole process: whatever instrumentation asks for the caller finds it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from opentelemetry import propagate
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context, get_value, set_value
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace import get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.tracing.propagation import XRayAndW3CPropagator, context_of
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY
from xray.trace_header import HEADER_NAME

DecisionOf = Callable[[int], Decision | None]


class ProcessPropagator(XRayAndW3CPropagator):
    """X-Amzn-Trace-Id and W3C. What the middleware decided reaches another instrumentation's server span.

    With `decision_of`, for an application that has a provider and a sampler of its own: its sampler's
    decision goes out in traceparent, X-Ray's in X-Amzn-Trace-Id, and what a caller left open is recorded.

    Attributes:
        trusted: whose decision counts, by the connection of a WSGI request; of another carrier it isn't known
            from where it came.
    """

    def __init__(self, decision_of: DecisionOf | None = None) -> None:
        self.trusted = TrustedCallers()
        self._decision_of = decision_of

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        """Return the context with the carrier's caller in it."""
        before = _root() if context is None else context
        told = self.read(carrier, getter)
        if told is None:
            return before
        incoming = self.trusted.what_counts(told, _peer_of(carrier))
        found = context_of(incoming, before)
        if self._decision_of is None or incoming.sampled is not None or incoming.parent_id is None:
            return found
        # Most samplers would take what is left open for a "no".
        recorded = get_current_span(context_of(replace(incoming, sampled=True), Context()))
        return set_span_in_context(recorded, found)

    def inject(
        self, carrier: CarrierT, context: Context | None = None, setter: Setter[CarrierT] = default_setter
    ) -> None:
        """Write the current span into the carrier."""
        current = get_current_span(context)
        rate: int | None = getattr(current, "sample_rate", None)
        if self._decision_of is not None:
            decision = self._decision_of(current.get_span_context().span_id)
            if decision is not None:
                rate = decision.weight
                if not decision.sampled:
                    setter = _NotSampledByXRay(setter)
        self.write(carrier, current, context, setter, rate)


def _peer_of(carrier: Any) -> str | None:
    """Return from where a WSGI request came; None for another carrier: anybody may have named its keys."""
    if not isinstance(carrier, dict) or not isinstance(carrier.get("wsgi.version"), tuple):
        return None
    peer = carrier.get("REMOTE_ADDR")
    return peer if isinstance(peer, str) else None


def _root() -> Context:
    """Return a new context, with the decision of a request whose server span is just being made."""
    decision = get_value(DECISION_KEY)
    if decision is None or get_current_span().get_span_context().is_valid:
        return Context()
    return set_value(DECISION_KEY, decision, Context())


class _NotSampledByXRay(Setter[CarrierT]):
    """Sets headers; X-Amzn-Trace-Id says that the trace isn't sampled."""

    def __init__(self, setter: Setter[CarrierT]) -> None:
        self._setter = setter

    def set(self, carrier: CarrierT, key: str, value: str) -> None:
        """Set a header."""
        if key == HEADER_NAME:
            value = value.replace(";Sampled=1", ";Sampled=0", 1)
        self._setter.set(carrier, key, value)


def set_process_propagator(propagator: TextMapPropagator) -> bool:
    """Set it where OpenTelemetry's default is; return False where the application chose another."""
    if not _is_default(propagate.get_global_textmap()):
        return False
    propagate.set_global_textmap(CompositePropagator([propagator, W3CBaggagePropagator()]))
    return True


def _is_default(propagator: Any) -> bool:
    parts = getattr(propagator, "_propagators", ())
    return type(propagator) is CompositePropagator and [type(part) for part in parts] == [
        TraceContextTextMapPropagator,
        W3CBaggagePropagator,
    ]
