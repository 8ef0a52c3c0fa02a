"""Our own encoder against OpenTelemetry's, and what it does beyond it."""

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceState

from services.tracing.sending import otlp
from tests.backend.tracing.generated import SPANS

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
_SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | _TEXT
_VALUES = st.recursive(
    _SCALARS | st.binary(max_size=8) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_ATTRIBUTES = st.dictionaries(_TEXT, _VALUES, max_size=6)
_STATES = st.none() | st.just(TraceState([("a", "1"), ("b", "2")]))
_CONTEXTS = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    trace_state=_STATES,
)
_WITHOUT_STATE = st.builds(SpanContext, st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans())
_TIMES = st.integers(0, 2**63)
_RESOURCES = (Resource({}), Resource({"service.name": "cruddur", "n": 1}, "https://schema/1"))
_SCOPES = (
    InstrumentationScope("a"),
    InstrumentationScope("b", "1.0", "https://schema/2", {"of.scope": True}),
)
_ENCODABLE = st.builds(
    ReadableSpan,
    name=_TEXT,
    context=_CONTEXTS,
    parent=st.none() | _CONTEXTS,
    resource=st.sampled_from(_RESOURCES),
    attributes=_ATTRIBUTES,
    events=st.lists(st.builds(Event, _TEXT, _ATTRIBUTES, _TIMES), max_size=3),
    links=st.lists(st.builds(Link, _WITHOUT_STATE, _ATTRIBUTES), max_size=2),
    kind=st.sampled_from(SpanKind),
    status=st.builds(Status, st.just(StatusCode.ERROR), _TEXT) | st.just(Status(StatusCode.OK)),
    start_time=_TIMES,
    end_time=_TIMES,
    instrumentation_scope=st.sampled_from(_SCOPES),
)


@given(st.lists(_ENCODABLE, max_size=5))
def test_it_encodes_as_opentelemetry_does(spans: list[ReadableSpan]) -> None:
    """What OpenTelemetry's encoder can encode comes out the same, message for message."""
    body, unencodable, _ = otlp.encode(spans)
    assert unencodable == 0
    assert ExportTraceServiceRequest.FromString(body) == encode_spans(spans)


@given(st.lists(SPANS, max_size=4))
def test_nothing_is_unencodable(spans: list[ReadableSpan]) -> None:
    """Lone surrogates, huge integers, NaN, nested values: each span arrives, with each attribute."""
    body, unencodable, _ = otlp.encode(spans)
    assert unencodable == 0
    sent = _spans(body)
    assert sorted(span.span_id for span in sent) == sorted(
        s.context.span_id.to_bytes(8, "big") for s in spans
    )
    counts = sorted(len(span.attributes) for span in sent)
    assert counts == sorted(len(span.attributes or {}) for span in spans)


def test_equal_values_of_other_kinds_stay_what_they_are() -> None:
    """True, 1 and 1.0 are equal in Python and three things in OTLP."""
    for value, kind in ((1, "int_value"), (True, "bool_value"), (1.0, "double_value"), ("1", "string_value")):
        (span,) = _spans(otlp.encode([_span(x=value)])[0])
        assert span.attributes[0].value.WhichOneof("value") == kind


def test_what_int64_has_no_room_for_becomes_text() -> None:
    """A number too large is kept as its digits; NaN stays a number."""
    (span,) = _spans(otlp.encode([_span(big=2**63, small=-(2**63) - 1, nan=math.nan)])[0])
    values = {item.key: item.value for item in span.attributes}
    assert values["big"].string_value == str(2**63)
    assert values["small"].string_value == str(-(2**63) - 1)
    assert math.isnan(values["nan"].double_value)


def test_a_value_within_itself_ends() -> None:
    """A list that holds itself is cut, not followed for ever."""
    circle: list[Any] = []
    circle.append(circle)
    (span,) = _spans(otlp.encode([_span(circle=circle)])[0])
    assert span.attributes[0].key == "circle"


def test_the_sample_rate_goes_along() -> None:
    """Honeycomb reads the attribute SampleRate; one that the application set is its own."""
    rated = _span(a=1)
    rated.sample_rate = 7  # type: ignore[attr-defined]
    (span,) = _spans(otlp.encode([rated])[0])
    assert {item.key: item.value.int_value for item in span.attributes} == {"a": 1, "SampleRate": 7}
    rated = _span(SampleRate=3)
    rated.sample_rate = 7  # type: ignore[attr-defined]
    (span,) = _spans(otlp.encode([rated])[0])
    assert [item.value.int_value for item in span.attributes] == [3]


def test_one_broken_span_costs_only_itself() -> None:
    """A span without ids can't be sent; the others are, and it is counted."""
    body, unencodable, _ = otlp.encode(
        [_span(a=1), ReadableSpan("no ids", resource=Resource({})), _span(a=2)]
    )
    assert unencodable == 1
    assert len(_spans(body)) == 2


def test_more_values_than_are_remembered() -> None:
    """What is remembered of earlier attributes is bounded, and forgetting it changes nothing."""
    spans = [_span(**{f"key{number}": f"value {number}", "n": number}) for number in range(5000)]
    sent = _spans(otlp.encode(spans)[0])
    assert [span.attributes[0].value.string_value for span in sent] == [f"value {n}" for n in range(5000)]
    assert [span.attributes[1].value.int_value for span in sent] == list(range(5000))


def _span(**attributes: Any) -> ReadableSpan:
    return ReadableSpan(
        "x", SpanContext(1, 2, False), resource=Resource({}), attributes=attributes, start_time=1, end_time=2
    )


def _spans(body: bytes) -> list[SpanMessage]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
    ]
