"""The propagator of the whole process, as other instrumentations meet it."""

from collections.abc import Iterator

import pytest
from opentelemetry import propagate
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context, attach, detach, get_value, set_value
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.tracing.coexistence.process_propagator import ProcessPropagator, set_process_propagator
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY

ROOT, PARENT = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a", "53995c3f42cd8ad8"
NO = Decision(False, "none")
SPAN = SpanContext(0x5F84C7A1E7D1852DB8C4FD35D88BF49A, 7, False, TraceFlags(1))


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
