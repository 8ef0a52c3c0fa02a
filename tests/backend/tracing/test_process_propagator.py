"""The propagator of the whole process, as other instrumentations meet it."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import propagate
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context, attach, detach, get_value, set_value
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.tracing.coexistence.process_propagator import ProcessPropagator, set_process_propagator
from services.tracing.propagation import incoming_of
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY

ROOT, PARENT = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a", "53995c3f42cd8ad8"
NO = Decision(False, "none")
SPAN = SpanContext(0x5F84C7A1E7D1852DB8C4FD35D88BF49A, 7, False, TraceFlags(1))


class Read(Getter[dict[str, Any]]):
    """Reads a carrier whose values are of any kind."""

    def get(self, carrier: dict[str, Any], key: str) -> list[str] | None:
        """Return a value."""
        return [carrier[key]] if key in carrier else None

    def keys(self, carrier: dict[str, Any]) -> list[str]:
        """Return the names."""
        return list(carrier)


@pytest.fixture(autouse=True)
def own_propagator() -> Iterator[None]:
    """Leave the process as it was."""
    before = propagate.get_global_textmap()
    yield
    propagate.set_global_textmap(before)


def test_only_opentelemetrys_default_is_replaced() -> None:
    """What an application chose stays."""
    chosen = TraceContextTextMapPropagator()
    propagate.set_global_textmap(chosen)
    assert set_process_propagator(ProcessPropagator()) is False
    assert propagate.get_global_textmap() is chosen
    propagate.set_global_textmap(CompositePropagator([chosen, W3CBaggagePropagator()]))
    assert set_process_propagator(ProcessPropagator()) is True
    carrier: dict[str, str] = {}
    propagate.inject(carrier, set_span_in_context(NonRecordingSpan(SPAN), Context()))
    assert set(carrier) == {"X-Amzn-Trace-Id", "traceparent"}


def test_a_requests_decision_reaches_its_server_span() -> None:
    """Extracted without a context, as FlaskInstrumentor does; not where a span is current already."""
    token = attach(set_value(DECISION_KEY, NO, Context()))
    try:
        for headers in ({}, {"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=1"}):
            assert get_value(DECISION_KEY, ProcessPropagator().extract(headers)) is NO
        within = attach(set_span_in_context(NonRecordingSpan(SPAN)))
        try:
            assert ProcessPropagator().extract({}) == Context()
        finally:
            detach(within)
    finally:
        detach(token)


@pytest.mark.parametrize(
    ("told", "flags"), [("", 1), (";Sampled=?", 1), (";Sampled=0", 0), (";Sampled=1", 1)]
)
def test_what_is_left_open_is_recorded_by_another_sampler(told: str, flags: int) -> None:
    """With an application's own provider: its sampler would take an open decision for a no."""
    headers = {"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT}{told}"}
    context = ProcessPropagator(lambda _: None).extract(headers, Context())
    parent = get_current_span(context).get_span_context()
    assert (parent.span_id, parent.is_remote, int(parent.trace_flags)) == (int(PARENT, 16), True, flags)


def test_each_header_carries_its_own_samplers_decision() -> None:
    """X-Ray's in its own header, the application's in traceparent."""
    carrier: dict[str, str] = {}
    context = set_span_in_context(NonRecordingSpan(SPAN), Context())
    ProcessPropagator({7: NO}.get).inject(carrier, context)
    assert carrier["X-Amzn-Trace-Id"] == f"Root={ROOT};Parent={7:016x};Sampled=0"
    assert carrier["traceparent"].endswith("-01")
    ProcessPropagator({7: Decision(True, "")}.get).inject(carrier, context)
    assert carrier["X-Amzn-Trace-Id"].endswith(";Sampled=1")


def test_what_a_trace_stands_for_goes_out_beside_another_sampler() -> None:
    """By X-Ray's decision, in place of what the caller told; where that isn't known his goes on."""
    state = TraceState([("xray-rate", "5"), ("a", "1")])
    span = SpanContext(SPAN.trace_id, 7, False, TraceFlags(1), state)
    context = set_span_in_context(NonRecordingSpan(span), Context())
    for decision, expected in (
        (Decision(True, "tenth", 10), "xray-rate=10,a=1"),
        (Decision(True, "reservoir", 1), "a=1"),
        (NO, "a=1"),
        (Decision(True, "", None), "xray-rate=5,a=1"),
    ):
        carrier: dict[str, str] = {}
        ProcessPropagator({7: decision}.get).inject(carrier, context)
        assert carrier["tracestate"] == expected


@pytest.mark.parametrize(
    ("carrier", "sampled"),
    [
        ({"wsgi.version": (1, 0), "REMOTE_ADDR": "10.1.2.3"}, True),
        ({"wsgi.version": (1, 0), "REMOTE_ADDR": "11.1.2.3"}, None),
        ({"wsgi.version": (1, 0)}, None),
        ({"wsgi.version": "(1, 0)", "REMOTE_ADDR": "10.1.2.3"}, None),
        ({"REMOTE_ADDR": "10.1.2.3"}, None),
    ],
)
def test_who_is_trusted_is_known_of_requests_alone(carrier: dict[str, Any], sampled: bool | None) -> None:
    """A message's headers may name anything: whatever it decided is left open."""
    propagator = ProcessPropagator()
    propagator.trusted = TrustedCallers.parse("10.0.0.0/8")
    carrier["X-Amzn-Trace-Id"] = f"Root={ROOT};Parent={PARENT};Sampled=1"
    incoming = incoming_of(propagator.extract(carrier, Context(), Read()))
    assert incoming is not None
    assert (incoming.parent_id, incoming.sampled) == (int(PARENT, 16), sampled)
