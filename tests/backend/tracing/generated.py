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
LONG_TEXT = st.sampled_from(["x" * 251, "ä" * 1001])
NUMBERS = st.integers() | st.sampled_from([-1, 2**63, -(2**63) - 1, 10**30, 10**400]) | st.floats()
NUMBERS_AS_TEXT = st.sampled_from(["12", "-12", "9" * 30, "9" * 5000])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT | LONG_TEXT | NUMBERS_AS_TEXT | st.binary(max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXT, children, max_size=3),
    max_leaves=5,
)
ATTRIBUTES = st.dictionaries(st.sampled_from(KNOWN_KEYS) | TEXT, VALUES, max_size=8)
TIMES = st.integers(0, 2**63 - 1)
WILD_TIMES = TIMES | NUMBERS
_FRAMES = st.builds(
    '  File "{}", line {}, in {}\n    go()\n'.format,
    st.sampled_from(["app.py", 'a"b.py', ""]),
    st.sampled_from(["1", "0", "9" * 19, "9" * 5000]) | st.text(max_size=3),
    TEXT,
)
_ONE_OF_A_CHAIN = st.builds(
    "Traceback (most recent call last):\n{}{}: {}\n".format,
    st.lists(_FRAMES, max_size=60).map("".join),
    st.sampled_from(["ValueError", "a.b.Own"]) | TEXT,
    TEXT,
)
TRACEBACKS = st.lists(_ONE_OF_A_CHAIN, min_size=1, max_size=25).map(
    "\nDuring handling of the above exception, another exception occurred:\n\n".join
)
CONTEXTS = st.builds(SpanContext, st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans())
EVENTS = st.builds(
    Event,
    st.sampled_from(["exception", "HTTP request failure", "message"]),
    st.fixed_dictionaries(
        {},
        optional={
            "exception.stacktrace": VALUES | TRACEBACKS,
            "message.type": VALUES | st.just("RECEIVED"),
            **dict.fromkeys(
                [
                    *("exception.type", "exception.message", "http.response.status_code"),
                    *("aws.http.error_message", "messaging.message_payload_size_bytes"),
                ],
                VALUES,
            ),
        },
    ),
    WILD_TIMES,
)
_RESOURCE_ATTRIBUTES = st.dictionaries(
    st.sampled_from(KNOWN_KEYS), TEXT | st.integers() | st.lists(TEXT, max_size=2)
)
SPANS = st.builds(
    ReadableSpan,
    name=TEXT,
    context=CONTEXTS,
    parent=st.none() | CONTEXTS,
    resource=st.builds(
        Resource,
        _RESOURCE_ATTRIBUTES
        | _RESOURCE_ATTRIBUTES.map(lambda given: given | {"telemetry.sdk.language": "python"}),
    ),
    attributes=ATTRIBUTES,
    events=st.lists(EVENTS, max_size=3),
    links=st.lists(st.builds(Link, CONTEXTS, st.just({"a": 1})), max_size=2),
    kind=st.sampled_from(SpanKind),
    status=st.builds(Status, st.sampled_from(StatusCode))
    | st.builds(Status, st.just(StatusCode.ERROR), TEXT | LONG_TEXT),
    start_time=st.none() | WILD_TIMES,
    end_time=st.none() | WILD_TIMES,
)
