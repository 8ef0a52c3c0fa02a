"""Spans as events."""

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from localcloud.honeycomb.attributes import Fields
from localcloud.honeycomb.events import Event, datasets_of, events_of

from .conftest import SPAN_ID, START, TRACE_ID, attributes, span, trace_request


def only_event(*spans: Span, **around: Any) -> Event:
    """Return the one event of a request."""
    (event,) = events_of(trace_request(*spans, **around))
    return event


def test_a_span_becomes_an_event_with_honeycombs_fields() -> None:
    """The whole event of a plain root span."""
    event = only_event(span(kind=Span.SPAN_KIND_SERVER))
    assert event == Event(
        "cruddur",
        START,
        1,
        {
            "service.name": "cruddur",
            "trace.trace_id": TRACE_ID.hex(),
            "trace.span_id": SPAN_ID.hex(),
            "type": "server",
            "span.kind": "server",
            "name": "home",
            "duration_ms": 1.5,
            "status_code": 0,
            "span.num_links": 0,
            "span.num_events": 0,
            "meta.signal_type": "trace",
        },
    )


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (0, "unspecified"),
        (1, "internal"),
        (2, "server"),
        (3, "client"),
        (4, "producer"),
        (5, "consumer"),
        (9, "unspecified"),
    ],
)
def test_kinds(kind: Any, text: str) -> None:
    """Each kind has its name, in both fields; an unknown one is unspecified."""
    fields = only_event(span(kind=kind)).fields
    assert (fields["type"], fields["span.kind"]) == (text, text)


def test_parent_state_status_and_scope() -> None:
    """Optional parts of a span are fields where they are there."""
    fields = only_event(
        span(
            parent_span_id=b"\x00" * 7 + b"\x01",
            trace_state="vendor=1",
            status=Status(code=Status.STATUS_CODE_ERROR, message="boom"),
        ),
        name="opentelemetry.instrumentation.requests",
        version="1.2",
        attributes={"scope.own": 1},
    ).fields
    assert (
        fields.items()
        >= {
            "trace.parent_id": "0000000000000001",
            "trace.trace_state": "vendor=1",
            "status_code": 2,
            "status_message": "boom",
            "error": True,
            "library.name": "opentelemetry.instrumentation.requests",
            "library.version": "1.2",
            "telemetry.instrumentation_library": True,
            "scope.own": 1,
        }.items()
    )


@pytest.mark.parametrize("code", [0, 1])
def test_error_is_absent_unless_the_status_is_an_error(code: Any) -> None:
    """It is true or not there, never false."""
    assert "error" not in only_event(span(status=Status(code=code))).fields


def test_a_span_that_ends_before_it_starts_lasts_no_time() -> None:
    """The duration is 0, and a field says that it is invalid."""
    fields = only_event(span(end_time_unix_nano=START - 1)).fields
    assert (fields["duration_ms"], fields["meta.invalid_duration"]) == (0, True)


@pytest.mark.parametrize(
    ("trace_id", "text"),
    [
        ("0000000000000000f798a1e7f33c8af6", "f798a1e7f33c8af6"),
        ("0000000000000001f798a1e7f33c8af6", "0000000000000001f798a1e7f33c8af6"),
        ("f798a1e7f33c8af6", "f798a1e7f33c8af6"),
    ],
)
def test_trace_ids_of_64_bits_are_short(trace_id: str, text: str) -> None:
    """An id whose upper half is zero has 16 digits."""
    assert only_event(span(trace_id=bytes.fromhex(trace_id))).fields["trace.trace_id"] == text


def test_the_nearest_attribute_wins() -> None:
    """Span over scope over resource over built-in."""
    fields = only_event(
        span(attributes=attributes({"c": "span"})),
        resource={"name": "resource", "a": "resource", "b": "resource", "c": "resource"},
        attributes={"b": "scope", "c": "scope"},
    ).fields
    assert [fields[name] for name in ("name", "a", "b", "c")] == ["resource", "resource", "scope", "span"]


@pytest.mark.parametrize(
    ("resource", "dataset"),
    [
        ({"service.name": " cruddur "}, "cruddur"),
        ({"service.name": "  "}, "unknown_service"),
        ({"service.name": "unknown_service:python"}, "unknown_service"),
        ({"service.name": 5}, "unknown_service"),
        ({}, "unknown_service"),
    ],
)
def test_the_dataset_is_the_service(resource: dict[str, Any], dataset: str) -> None:
    """Trimmed; without a usable name it is unknown_service."""
    assert only_event(span(), resource=resource).dataset == dataset


def test_span_events_and_links_are_events_of_their_own() -> None:
    """They come first, with the resource's attributes, without a span id, and with the span's rate."""
    other = bytes.fromhex("0000000000000000ffffffffffffffff")
    with_both = span(
        events=[
            Span.Event(name="cache", time_unix_nano=START + 250_000, attributes=attributes({"hit": True}))
        ],
        links=[Span.Link(trace_id=other, span_id=SPAN_ID, attributes=attributes({"why": "batch"}))],
        attributes=attributes({"SampleRate": 4}),
        status=Status(code=Status.STATUS_CODE_ERROR),
    )
    resource = {"service.name": "cruddur", "SampleRate": 9}
    event, link, itself = events_of(trace_request(with_both, resource=resource, name="app"))
    common: Fields = {
        "service.name": "cruddur",
        "library.name": "app",
        "trace.trace_id": TRACE_ID.hex(),
        "trace.parent_id": SPAN_ID.hex(),
        "parent_name": "home",
        "meta.signal_type": "trace",
        "error": True,
    }
    assert event == Event(
        "cruddur",
        START + 250_000,
        4,
        {
            **common,
            "name": "cache",
            "meta.annotation_type": "span_event",
            "meta.time_since_span_start_ms": 0.25,
            "hit": True,
        },
    )
    assert link == Event(
        "cruddur",
        START,
        4,
        {
            **common,
            "meta.annotation_type": "link",
            "trace.link.trace_id": "ffffffffffffffff",
            "trace.link.span_id": SPAN_ID.hex(),
            "why": "batch",
        },
    )
    assert itself.sample_rate == 4
    assert itself.fields["span.num_events"] == itself.fields["span.num_links"] == 1


def test_an_event_before_its_span_is_marked() -> None:
    """The time since the span's start is 0, and a field says that it is invalid."""
    event, _ = events_of(trace_request(span(events=[Span.Event(time_unix_nano=START - 5)])))
    assert event.fields["meta.time_since_span_start_ms"] == 0
    assert event.fields["meta.invalid_time_since_span_start"] is True


def test_the_first_exception_is_copied_to_the_span() -> None:
    """Not over what the span says itself, and not from a second exception."""
    first = {"exception.type": "ValueError", "exception.message": "bad", "exception.escaped": True}
    second = {"exception.message": "later", "exception.stacktrace": "not the first one's"}
    events = [
        Span.Event(name="exception", time_unix_nano=START, attributes=attributes(first)),
        Span.Event(name="exception", time_unix_nano=START, attributes=attributes(second)),
    ]
    own = attributes({"exception.type": "Own"})
    *_, itself = events_of(trace_request(span(events=events, attributes=own)))
    assert {name: value for name, value in itself.fields.items() if name.startswith("exception.")} == {
        "exception.type": "Own",
        "exception.message": "bad",
        "exception.escaped": True,
    }


def test_what_is_no_text_in_an_exception_is_not_copied() -> None:
    """Nor an `escaped` that is no boolean."""
    said = {"exception.type": 7, "exception.message": None, "exception.escaped": "true"}
    exception = Span.Event(name="exception", time_unix_nano=START, attributes=attributes(said))
    *_, itself = events_of(trace_request(span(events=[exception])))
    assert not any(name.startswith("exception.") for name in itself.fields)


def test_a_datasets_name_is_cut() -> None:
    """To the 255 characters that one made by the API has at most; with a Classic key too."""
    long = "a" * 254 + " " + "b" * 300
    request = trace_request(span(), resource={"service.name": long})
    assert [event.dataset for event in events_of(request)] == ["a" * 254]
    assert [event.dataset for event in events_of(request, "é" * 300)] == ["é" * 255]
    assert datasets_of(request) == {"a" * 254}
    assert datasets_of(trace_request()) == set()
