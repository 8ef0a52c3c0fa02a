"""The ledger finds every difference and names it, and finds none where there is none."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import SpanKind, Status, StatusCode

from .sinks import compared, documents, events, facts_of, failed_request, span

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILED = failed_request()
CALL = span(
    "ssm.GetParameter",
    span_id=0xC3,
    parent_id=0xA1,
    kind=SpanKind.CLIENT,
    attributes={
        "rpc.system": "aws-api",
        "rpc.service": "SSM",
        "rpc.method": "GetParameter",
        "cloud.region": "us-east-1",
        "aws.request_id": "r-1",
        "http.status_code": 429,
        "retry_attempts": 0,
    },
)
QUERY = span(
    "SELECT cruddur",
    span_id=0xD4,
    parent_id=0xA1,
    kind=SpanKind.CLIENT,
    attributes={"db.system": "postgresql", "db.name": "cruddur", "db.statement": "SELECT 1", "db.user": "me"},
)
WORK = span("work", span_id=0xE5, parent_id=0xA1, kind=SpanKind.INTERNAL, attributes={"app.length": 4})
ALL = (FAILED, CALL, QUERY, WORK)

Path = tuple[str | int, ...]


def test_the_same_spans_are_equal() -> None:
    """A request that failed, a call to AWS, a query and a piece of work: nothing is different."""
    comparison = compared(documents(*ALL), events(*ALL))
    assert comparison.differences == ()
    assert (comparison.traces, comparison.spans, comparison.equal, comparison.different) == (1, 4, 4, 0)
    assert (comparison.in_xray, comparison.in_honeycomb, comparison.shortened) == (4, 4, 0)


def test_a_span_that_one_sink_has_not_is_missing_there() -> None:
    """Whichever that is."""
    for xray, honeycomb in (((FAILED, WORK), (FAILED,)), ((FAILED,), (FAILED, WORK))):
        comparison = compared(documents(*xray), events(*honeycomb))
        [difference] = comparison.differences
        assert (difference.fact, difference.span_id, difference.name) == ("span", f"{0xE5:016x}", "work")
        assert {difference.xray, difference.honeycomb} == {"(nothing)", "once"}
        assert (comparison.spans, comparison.equal) == (2, 1)


def test_a_span_that_came_twice_is_different() -> None:
    """It would count twice."""
    [difference] = compared(documents(WORK), events(WORK) * 2).differences
    assert (difference.fact, difference.xray, difference.honeycomb) == ("span", "once", "2 times")


@pytest.mark.parametrize(
    ("path", "value", "fact"),
    [
        (("trace_id",), "1-6aa1f440-0123456789abcdef0123456f", "span"),
        (("id",), "00000000000000ff", "span"),
        (("parent_id",), "00000000000000ff", "parent"),
        (("parent_id",), "00000000000000ff", "parent's span"),
        (("type",), "subsegment", "type"),
        (("in_progress",), True, "in_progress"),
        (("name",), "other", "name"),
        (("start_time",), 1_789_000_000.12346, "start"),
        (("end_time",), 1_789_000_000.12469, "end"),
        (("fault",), False, "fault"),
        (("error",), True, "error"),
        (("throttle",), True, "throttle"),
        (("http", "request", "method"), "POST", "http.request.method"),
        (("http", "request", "url"), "http://127.0.0.1/", "http.request.url"),
        (("http", "request", "client_ip"), "10.0.0.1", "http.request.client_ip"),
        (("http", "request", "x_forwarded_for"), True, "http.request.x_forwarded_for"),
        (("http", "response", "status"), 200, "http.response.status"),
        (("http", "response", "content_length"), 7, "http.response.content_length"),
        (("cause", "exceptions", 0, "type"), "Failure", "exceptions"),
        (("cause", "exceptions", 1, "message"), "other", "exceptions"),
        (("cause", "exceptions", 0, "stack", 0, "line"), 8, "exceptions"),
        (("cause", "exceptions", 1, "remote"), True, "exceptions"),
        (("cause", "exceptions", 0, "cause"), "00000000000000ff", "exceptions.unlinked"),
        (("annotations", "http.route"), "/", "attribute http.route"),
        (("annotations", "more"), "x", "annotations"),
        (("metadata", "default", "app.number"), True, "attribute app.number"),
        (("metadata", "default", "app.flag"), 1, "attribute app.flag"),
        (("metadata", "default", "app.numbers", 1), 3, "attribute app.numbers"),
        (("metadata", "default", "otel.resource.service.name"), "x", "resource service.name"),
        (("service", "version"), "9", "service.version"),
        (("user",), "bayko", "user"),
        (("links", 0, "id"), "00000000000000ff", "links"),
        (("links", 0, "attributes", "app.why"), "x", "links"),
        (("namespace",), "remote", "namespace"),
        (("origin",), "AWS::EC2::Instance", "origin"),
        (("precursor_ids",), ["00000000000000ff"], "unknown.precursor_ids"),
    ],
)
def test_each_kind_of_difference_has_its_name(path: Path, value: Any, fact: str) -> None:
    """One value of a request's document is another: that, and where, is told."""
    spoiled = documents(FAILED)
    put(spoiled[0], path, value)
    assert fact in facts_of(spoiled, events(FAILED))


@pytest.mark.parametrize(
    ("field", "value", "fact"),
    [
        ("trace.parent_id", "00000000000000ff", "parent"),
        ("name", "GET /elsewhere", None),
        ("duration_ms", 1.3, "end"),
        ("status_code", 0, "status"),
        ("error", False, "status"),
        ("http.response.status_code", 404, "error"),
        ("app.text", "hallo", "attribute app.text"),
        ("app.more", 1, "attribute app.more"),
        ("service.name", "other", "name"),
        ("telemetry.sdk.version", "2", "aws.xray.sdk_version"),
        ("span.kind", "consumer", "span.kind"),
        ("span.num_events", 2, "span.num_events"),
        ("span.num_links", 0, "span.num_links"),
    ],
)
def test_differences_are_found_from_honeycombs_side_too(field: str, value: Any, fact: str | None) -> None:
    """What X-Ray does not say (a server span's own name, a status beside an HTTP status) makes none."""
    spoiled = events(FAILED)
    spoiled[-1]["data"][field] = value
    found = facts_of(documents(FAILED), spoiled)
    assert found == set() if fact is None else fact in found


def test_an_event_that_stands_for_others_or_elsewhere_is_different() -> None:
    """Where everything is sampled each counts once, in the data set of its service."""
    for key, value, fact in (("samplerate", 10, "sample_rate"), ("dataset", "other", "dataset")):
        spoiled = events(WORK)
        spoiled[0][key] = value
        assert facts_of(documents(WORK), spoiled) == {fact}


def test_blocks_of_calls_and_queries_are_compared() -> None:
    """Operation, region and request of an AWS call, statement and place of a query."""
    for call, path in (
        (CALL, ("aws", "operation")),
        (CALL, ("aws", "region")),
        (CALL, ("aws", "request_id")),
        (CALL, ("namespace",)),
        (CALL, ("name",)),
        (QUERY, ("sql", "sanitized_query")),
        (QUERY, ("sql", "connection_string")),
        (QUERY, ("sql", "database_type")),
        (QUERY, ("sql", "user")),
    ):
        spoiled = documents(call)
        put(spoiled[0], path, "remote" if path == ("namespace",) else "other")
        assert facts_of(spoiled, events(call)) == {".".join(path)}
        [document] = documents(call)
        remove(document, path)
        if path != ("name",):
            assert facts_of([document], events(call)) == {".".join(path)}


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all single values of a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def at(document: Any, path: Path) -> Any:
    """The value at a place."""
    for key in path:
        document = document[key]
    return document


def put(document: Any, path: Path, value: Any) -> None:
    """Put another value at a place, which is made where it is missing."""
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


def remove(document: Any, path: Path) -> None:
    """Remove what is at a place."""
    del at(document, path[:-1])[path[-1]]


def is_compared(path: Path, value: Any) -> bool:
    """Whether a change of this value is one: all but ids made at random, and flags that are not set."""
    return value is not False and not ("exceptions" in path and path[-1] in {"id", "cause"})


@given(st.sampled_from(ALL), st.data())
def test_no_value_of_a_document_can_be_changed_unseen(original: Any, data: st.DataObject) -> None:
    """Whichever leaf of whichever document is another one, or gone, the ledger has a difference."""
    [document] = documents(original)
    places = [path for path in leaves(document) if is_compared(path, at(document, path))]
    path = data.draw(st.sampled_from(places))
    value = at(document, path)
    changed = copy.deepcopy(document)
    if isinstance(value, bool):
        put(changed, path, False)
    elif isinstance(value, str):
        put(changed, path, value[:-1] + ("1" if value[-1:] == "0" else "0"))
    else:
        put(changed, path, value + 1)
    assert facts_of([changed], events(original)), f"{path} was {value!r}"


@given(st.integers(-3_000, 3_000))
def test_times_are_the_same_within_a_microsecond(off: int) -> None:
    """Nanoseconds less are X-Ray's floating point seconds, more are another time."""
    late = span(start=1_789_000_000_000_000_000 + off)
    found = facts_of(documents(span(start=1_789_000_000_000_000_000)), events(late))
    if abs(off) <= 700:
        assert found == set()
    elif abs(off) >= 1_300:
        assert found == {"start", "end"}


def test_a_shortened_document_may_lack_something_and_say_nothing_else() -> None:
    """It keeps ids, times and flags; what it still says has to be true."""
    long = span(attributes={f"app.{number}": "ü" * 5_000 for number in range(20)} | {"app.flag": True})
    shortened = documents(long)
    comparison = compared(shortened, events(long))
    assert (comparison.shortened, comparison.differences) == (1, ())
    shortened[0]["metadata"]["default"]["app.0"] = "x"
    assert facts_of(shortened, events(long)) == {"attribute app.0"}


def test_a_status_without_an_exception_is_told_by_its_words() -> None:
    """X-Ray has them as an exception without a type."""
    refused = span("refused", kind=SpanKind.INTERNAL, status=Status(StatusCode.ERROR, "only words"))
    assert compared(documents(refused), events(refused)).differences == ()
    spoiled = documents(refused)
    del spoiled[0]["cause"]
    assert facts_of(spoiled, events(refused)) == {"exceptions"}
