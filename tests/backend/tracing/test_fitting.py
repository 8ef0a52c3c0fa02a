"""What Honeycomb would drop without a word is cut, marked and counted before it is sent."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, TraceFlags

from services.tracing.sending import otlp
from services.tracing.sending.fitting import EVENT_MAX_BYTES, SHORTENED_KEY, fit, size_bytes

CONTEXT = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
VALUE = (
    st.text(max_size=40)
    | st.binary(max_size=20)
    | st.integers(-(2**63), 2**63 - 1)
    | st.lists(st.text(max_size=20), max_size=4)
)


def _span(attributes: dict[str, Any], *events: Event) -> ReadableSpan:
    return ReadableSpan("large", CONTEXT, attributes=attributes, events=events, start_time=1, end_time=2)


def _sent(span: ReadableSpan) -> Any:
    request = ExportTraceServiceRequest.FromString(otlp.encode([span]).body)
    return request.resource_spans[0].scope_spans[0].spans[0]


@given(st.dictionaries(st.text(max_size=10), VALUE, max_size=8))
def test_what_fits_stays_as_it_is(attributes: dict[str, Any]) -> None:
    """Nothing is cut, marked or copied where there is room."""
    assert fit(attributes) is attributes


@given(
    st.dictionaries(st.text(max_size=10), VALUE, max_size=8),
    st.sampled_from(["y" * 1_000_000, "\N{GRINNING FACE}" * 300_000, ["z" * 100] * 10_000, b"b" * 1_000_000]),
)
def test_what_is_too_large_fits_afterwards(attributes: dict[str, Any], large: Any) -> None:
    """Short values stay whole; the mark says how long all of them were."""
    given_attributes = {**attributes, "large": large}
    found = fit(given_attributes)
    assert size_bytes(found) <= EVENT_MAX_BYTES + 100
    assert found[SHORTENED_KEY] == size_bytes(given_attributes)
    assert {key: found[key] for key in attributes if key != "large"} == {
        key: value for key, value in attributes.items() if key != "large"
    }


def test_a_span_that_is_too_large_is_sent_short_and_counted() -> None:
    """Its own attributes and each event's count apart, as they are events of their own in Honeycomb."""
    large = {f"long.{number}": "x" * 50_000 for number in range(40)}
    encoded = otlp.encode([_span(large), _span({"a": "b"})])
    assert (encoded.unencodable, encoded.shortened) == (0, 1)
    assert SHORTENED_KEY in {one.key for one in _sent(_span(large)).attributes}
    event = _sent(_span({"a": "b"}, Event("exception", large, 1))).events[0]
    assert SHORTENED_KEY in {one.key for one in event.attributes}
    assert sum(one.ByteSize() for one in event.attributes) <= EVENT_MAX_BYTES


def test_many_events_of_which_none_is_too_large_stay() -> None:
    """A span may be longer than an event: what counts is each of them."""
    events = [Event(f"event {number}", {"text": "x" * 10_000}, 1) for number in range(120)]
    encoded = otlp.encode([_span({"a": "b"}, *events)])
    assert len(encoded.body) > EVENT_MAX_BYTES
    assert encoded.shortened == 0
    assert len(_sent(_span({"a": "b"}, *events)).events) == len(events)
