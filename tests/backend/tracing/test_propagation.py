"""Trace context in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import get_current_span

from services.tracing.propagation import (
    Incoming,
    XRayAndW3CPropagator,
    context_of,
    incoming_of,
    read_incoming,
    response_header,
)

ROOT = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
TRACE_ID = 0x5F84C7A1E7D1852DB8C4FD35D88BF49A
OTHER = "00-65f1c0de0000a1000000000000003dde-b100000000033232-01"
OTHER_ID = 0x65F1C0DE0000A1000000000000003DDE
SAME = "00-5f84c7a1e7d1852db8c4fd35d88bf49a-b100000000033232-00"
PARENT = 0x53995C3F42CD8AD8


@pytest.mark.parametrize(
    ("amazon", "traceparent", "expected"),
    [
        (f"Root={ROOT}", None, (TRACE_ID, None, None)),
        (f"Root={ROOT};Parent={PARENT:016x};Sampled=1", None, (TRACE_ID, PARENT, True)),
        (f"Root={ROOT};Parent={PARENT:016x};Sampled=?", None, (TRACE_ID, PARENT, None)),
        (None, OTHER, (OTHER_ID, 0xB100000000033232, True)),
        (f"Root={ROOT}", OTHER, (OTHER_ID, 0xB100000000033232, True)),
        (f"Root={ROOT};Sampled=0", OTHER, (OTHER_ID, 0xB100000000033232, True)),
        (f"Root={ROOT};Parent={PARENT:016x};Sampled=0", OTHER, (TRACE_ID, PARENT, False)),
        (f"Root={ROOT}", SAME, (TRACE_ID, 0xB100000000033232, False)),
        (f"Root={ROOT};Parent={PARENT:016x}", SAME, (TRACE_ID, PARENT, False)),
        (f"Root={ROOT};Sampled=1", "00-zz", (TRACE_ID, None, True)),
        ("Root=broken", OTHER, (OTHER_ID, 0xB100000000033232, True)),
        (f"Parent={PARENT:016x};Sampled=1", None, None),
        ("", "", None),
        (None, "ff-5f84c7a1e7d1852db8c4fd35d88bf49a-b100000000033232-00", None),
        (None, "00-00000000000000000000000000000000-b100000000033232-00", None),
        (None, SAME + "-extra", None),
        (None, "01" + SAME[2:] + "-extra", (TRACE_ID, 0xB100000000033232, False)),
    ],
)
def test_precedence(
    amazon: str | None, traceparent: str | None, expected: tuple[int, int | None, bool | None] | None
) -> None:
    """A parent beats none, the nearer caller the farther one; what one header leaves open the other tells."""
    incoming = read_incoming(amazon, traceparent)
    assert (incoming and (incoming.trace_id, incoming.parent_id, incoming.sampled)) == expected


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=40))
def test_no_header_raises(amazon: str, traceparent: str, tracestate: str) -> None:
    """Hostile headers count as absent."""
    read_incoming(amazon, traceparent, tracestate)
    read_incoming(f"Root={ROOT};{amazon}", SAME, tracestate)


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans())
def test_what_is_written_is_read(trace_id: int, parent_id: int, sampled: bool) -> None:
    """A span's context is the same after the way through the headers, with Lineage kept."""
    sent = Incoming(trace_id, parent_id, sampled, extra=(("Lineage", "a:1"),))
    carrier: dict[str, str] = {}
    propagator = XRayAndW3CPropagator()
    propagator.inject(carrier, context_of(sent))
    assert set(carrier) == {"X-Amzn-Trace-Id", "traceparent"}
    context = propagator.extract(carrier)
    span = get_current_span(context).get_span_context()
    assert (span.trace_id, span.span_id, span.trace_flags.sampled, span.is_remote) == (
        trace_id,
        parent_id,
        sampled,
        True,
    )
    incoming = incoming_of(context)
    assert incoming is not None
    assert incoming.extra == sent.extra


def test_tracestate_travels_on() -> None:
    """The other vendors' state is kept."""
    propagator = XRayAndW3CPropagator()
    carrier: dict[str, str] = {}
    propagator.inject(carrier, propagator.extract({"traceparent": OTHER, "tracestate": "a=1,b=2"}))
    assert carrier["tracestate"] == "a=1,b=2"


@pytest.mark.parametrize(
    "tracestate", ["a", "A=1", "a=1,,b=,", "a=\u00fc", ",".join(f"k{n}=1" for n in range(33)), "a=1,b"]
)
def test_a_broken_tracestate_is_left_out_silently(tracestate: str, caplog: pytest.LogCaptureFixture) -> None:
    """W3C: the whole of it is discarded; a hostile caller fills no log."""
    incoming = read_incoming(None, OTHER, tracestate)
    assert incoming is not None
    assert incoming.trace_state is None
    assert caplog.records == []


def test_a_repeated_key_counts_once() -> None:
    """The first one is the newest."""
    incoming = read_incoming(None, OTHER, "a=1, b=2 ,a=3")
    assert incoming is not None
    assert dict(incoming.trace_state or {}) == {"a": "1", "b": "2"}


def test_nothing_in_nothing_out() -> None:
    """Without a span there is nothing to write."""
    carrier: dict[str, str] = {}
    XRayAndW3CPropagator().inject(carrier, XRayAndW3CPropagator().extract({}))
    assert carrier == {}


def test_fields_of_a_root_alone_are_kept_beside_another_trace() -> None:
    """The traceparent's trace goes on, with Lineage and unknown fields, and the decision is told."""
    incoming = read_incoming(f"Root={ROOT};Sampled=?;Lineage=a:1;New=b", OTHER, "a=1")
    assert incoming is not None
    assert (incoming.trace_id, incoming.parent_id, incoming.sampled) == (OTHER_ID, 0xB100000000033232, True)
    assert dict(incoming.trace_state or {}) == {"a": "1"}
    carrier: dict[str, str] = {}
    XRayAndW3CPropagator().inject(carrier, context_of(incoming))
    assert carrier["X-Amzn-Trace-Id"].endswith(";Sampled=1;Lineage=a:1;New=b")
    assert response_header(OTHER_ID, incoming, sampled=True).endswith(";Sampled=1")


def test_the_response_tells_the_decision_only_when_asked() -> None:
    """Root always, Sampled for a caller who sent Sampled=?."""
    assert response_header(TRACE_ID, None, sampled=True) == f"Root={ROOT}"
    asked = read_incoming(f"Root={ROOT};Sampled=?", None)
    assert response_header(TRACE_ID, asked, sampled=False) == f"Root={ROOT};Sampled=0"
