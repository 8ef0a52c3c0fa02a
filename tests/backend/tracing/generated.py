"""Spans as hypothesis makes them: every kind of key, value, event, link, status and time."""

from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode

from tests.backend.tracing.vectors import VECTORS

KNOWN_KEYS = sorted(
    {key for vector in VECTORS for key in (*vector["span"]["attributes"], *vector["resource"]["attributes"])}
    | {"aws.xray.annotations", "aws.xray.metadata.AWS.x", "aws.log.group.names", "http.status_text"}
)
TEXT = st.text(st.characters(), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary(max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXT, children, max_size=3),
    max_leaves=5,
)
ATTRIBUTES = st.dictionaries(st.sampled_from(KNOWN_KEYS) | TEXT, VALUES, max_size=8)
TIMES = st.integers(0, 2**63 - 1)
CONTEXTS = st.builds(SpanContext, st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans())
EVENTS = st.builds(
    Event,
    st.sampled_from(["exception", "HTTP request failure", "message"]),
    st.dictionaries(
        st.sampled_from(
            [
                *("exception.type", "exception.message", "exception.stacktrace", "http.response.status_code"),
                *("aws.http.error_message", "message.type", "messaging.message_payload_size_bytes"),
            ]
        ),
        VALUES,
        max_size=4,
    ),
    TIMES,
)
SPANS = st.builds(
    ReadableSpan,
    name=TEXT,
    context=CONTEXTS,
    parent=st.none() | CONTEXTS,
    resource=st.builds(
        Resource,
        st.dictionaries(st.sampled_from(KNOWN_KEYS), TEXT | st.integers() | st.lists(TEXT, max_size=2)),
    ),
    attributes=ATTRIBUTES,
    events=st.lists(EVENTS, max_size=3),
    links=st.lists(st.builds(Link, CONTEXTS, st.just({"a": 1})), max_size=2),
    kind=st.sampled_from(SpanKind),
    status=st.builds(Status, st.sampled_from(StatusCode)),
    start_time=TIMES,
    end_time=st.none() | TIMES,
)
