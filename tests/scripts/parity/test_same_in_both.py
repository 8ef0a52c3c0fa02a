"""Whatever a span holds, both sinks are told the same by the mapping, as the ledger reads it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from .sinks import ELSEWHERE_ID, START, TRACE_ID, TRACEBACK, compared, context, documents, events, span

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
WORD = st.from_regex(r"[a-zA-Z0-9._ /?&-]{1,20}", fullmatch=True)
INTEGER = st.integers(-(2**63), 2**63 - 1)
FRACTION = st.floats(allow_nan=True, allow_infinity=True)
VALUE = TEXT | st.booleans() | INTEGER | FRACTION
LISTS = st.lists(TEXT, max_size=3) | st.lists(st.booleans(), max_size=3) | st.lists(INTEGER, max_size=3)
OWN = st.dictionaries(WORD.map("app.{}".format), VALUE | LISTS, max_size=6)
STATUS = st.integers(100, 599)
ADDRESS = st.sampled_from(["127.0.0.1", "203.0.113.7", "::1", "unknown", "proxy.internal"])
SERVED = st.fixed_dictionaries(
    {},
    optional={
        "http.request.method": st.sampled_from(["GET", "POST", "_OTHER"]),
        "http.method": st.sampled_from(["GET", "PUT"]),
        "url.path": WORD.map("/{}".format),
        "url.query": WORD,
        "url.scheme": st.sampled_from(["http", "https"]),
        "url.full": WORD.map("https://example.com/{}".format),
        "http.url": WORD.map("http://example.com/{}".format),
        "http.target": WORD.map("/{}".format),
        "http.host": WORD,
        "server.address": st.sampled_from(["api.cruddur.com", "127.0.0.1"]),
        "server.port": st.sampled_from([80, 443, 4567]),
        "client.address": ADDRESS,
        "network.peer.address": ADDRESS,
        "net.peer.ip": ADDRESS,
        "net.peer.name": WORD,
        "net.peer.port": st.integers(1, 65535),
        "http.route": WORD.map("/{}".format),
        "http.response.status_code": STATUS,
        "http.status_code": STATUS,
        "http.response.body.size": st.integers(0, 10**9),
        "user_agent.original": TEXT,
        "enduser.id": WORD,
        "aws.xray.inprogress": st.booleans(),
    },
)
CALLED = st.fixed_dictionaries(
    {},
    optional={
        "rpc.system": st.sampled_from(["aws-api", "grpc"]),
        "rpc.service": WORD,
        "rpc.method": WORD,
        "cloud.region": st.sampled_from(["us-east-1", "eu-west-1"]),
        "aws.region": st.sampled_from(["us-east-1", "eu-west-1"]),
        "aws.request_id": WORD,
        "aws.remote.service": WORD | WORD.map("AWS::{}".format),
        "peer.service": WORD,
    },
)
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "server.address": st.sampled_from(["db.internal", "127.0.0.1"]),
        "server.port": st.sampled_from([5432, 3306]),
        "peer.service": WORD,
        "db.system": st.sampled_from(["postgresql", "sqlite", "redis"]),
        "db.name": WORD,
        "db.statement": TEXT,
        "db.user": WORD,
    },
)
ATTRIBUTES = st.one_of(
    st.builds(lambda own, served, called: {**own, **served, **called}, OWN, SERVED, CALLED),
    st.builds(lambda own, asked: {**own, **asked}, OWN, ASKED),
)
FAILURE = st.fixed_dictionaries(
    {"exception.type": WORD, "exception.message": TEXT},
    optional={"exception.stacktrace": st.just(TRACEBACK) | TEXT},
)
EVENTS = st.lists(
    st.builds(Event, st.just("exception"), FAILURE, st.just(START + 1))
    | st.builds(Event, WORD, OWN, st.just(START + 1)),
    max_size=3,
)
LINKS = st.lists(
    st.builds(
        lambda number, attributes: Link(context(number, TRACE_ID + number), attributes),
        st.integers(1, 3) | st.integers(1, 2**64 - 1),
        st.dictionaries(WORD.map("app.{}".format), VALUE | LISTS, max_size=2),
    ),
    max_size=3,
)
STATUSES = st.sampled_from(
    [Status(StatusCode.UNSET), Status(StatusCode.OK), Status(StatusCode.ERROR, "words")]
)
SPANS = st.builds(
    span,
    TEXT,
    kind=st.sampled_from(SpanKind),
    parent_id=st.none() | st.just(ELSEWHERE_ID),
    attributes=ATTRIBUTES,
    events=EVENTS,
    links=LINKS,
    status=STATUSES,
    took=st.integers(0, 10**12),
)


@given(SPANS)
def test_what_the_backend_sends_is_the_same_in_both(one: ReadableSpan) -> None:
    """The translator and the ledger were written apart; what they read the mapping to mean is the same."""
    comparison = compared(documents(one), events(one))
    assert comparison.differences == ()
    assert comparison.equal == 1
