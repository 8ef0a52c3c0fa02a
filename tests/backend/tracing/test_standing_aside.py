"""Whether somebody around our middleware makes the request's span."""

import pytest
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context

from services.tracing.coexistence.standing_aside import is_within_server_span


@pytest.mark.parametrize(
    ("sampler", "kind", "is_within"),
    [
        (ALWAYS_ON, SpanKind.SERVER, True),
        (ALWAYS_ON, SpanKind.INTERNAL, False),
        (ALWAYS_OFF, SpanKind.SERVER, True),
    ],
)
def test_a_servers_span_around_us_is_the_requests(sampler: object, kind: SpanKind, is_within: bool) -> None:
    """One that isn't sampled doesn't tell its kind: it stands for a decision that was made."""
    provider = TracerProvider(sampler, shutdown_on_exit=False)  # type: ignore[arg-type]
    span = provider.get_tracer("outside").start_span("around", Context(), kind)
    token = attach(set_span_in_context(span, Context()))
    try:
        assert is_within_server_span() is is_within
    finally:
        detach(token)
        span.end()


def test_a_caller_is_nobody_around_us() -> None:
    """Neither is nothing at all."""
    assert is_within_server_span() is False
    remote = SpanContext(1, 2, True, TraceFlags(0))
    token = attach(set_span_in_context(NonRecordingSpan(remote), Context()))
    try:
        assert is_within_server_span() is False
    finally:
        detach(token)
