"""What a request has to leave behind is found missing, too much, or another, though both sinks agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scripts.parity import event_facts, expected
from scripts.parity.expected import Caller, Expected, Span
from scripts.parity.facts import Facts
from scripts.parity.mixed import MIXED

from .sinks import RESOURCE, TRACE_ID, events, failed_request

TRACE = f"{TRACE_ID:032x}"
CALLER = Caller(TRACE, "f" * 16, "vendor=a")


def span(name: str, number: int, parent: int | None, kind: str = "internal", **others: Any) -> Facts:
    """A span as Honeycomb tells it; *number* is its id and its place in time."""
    alone = {
        "kind": kind,
        "name": name,
        "library": "app",
        "status": 0,
        "message": "",
        "events": [],
        "links": 0,
        "trace_state": CALLER.trace_state,
        **others,
    }
    parent_id = CALLER.parent_id if parent is None else f"{parent:016x}"
    return Facts(TRACE, f"{number:016x}", parent_id, number, number, alone=alone)


WANTED = Span(
    "server",
    "GET /threads",
    "app",
    below=(
        Span("internal", "work", "app", below=(Span("client", "SELECT", "app"),)),
        Span("internal", "work", "app", status=2, message="ValueError: no...", events=("exception",)),
        Span("internal", "other", "app", links=1),
    ),
)
RIGHT = (
    span("GET /threads", 1, None, "server"),
    span("work", 2, 1),
    span("SELECT", 3, 2, "client"),
    span("work", 4, 1, status=2, message="ValueError: no work", events=["exception"]),
    span("other", 5, 1, links=1),
)


def found(*facts: Facts, caller: Caller = CALLER, trace_id: str = TRACE) -> list[tuple[str, str]]:
    """The names and facts of what is not as expected."""
    told = expected.differences([Expected(trace_id, WANTED, caller)], facts)
    return [(one.name, one.fact) for one in told]


def test_what_is_as_expected_makes_no_difference() -> None:
    """Siblings of one name are told apart by when they began, whatever the order of arrival."""
    assert found(*RIGHT) == []
    assert found(*reversed(RIGHT)) == []


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (2, [("client SELECT", "expected span")]),
        (4, [("internal other", "expected span")]),
    ],
)
def test_a_span_that_neither_sink_has_is_missed(gone: int, missing: list[tuple[str, str]]) -> None:
    """An instrumentation that fell away leaves two sinks that agree."""
    assert found(*RIGHT[:gone], *RIGHT[gone + 1 :]) == missing


def test_a_trace_without_any_span_is_missed_once() -> None:
    """What is below a missing span is not told besides."""
    assert found() == [("server GET /threads", "expected span")]


def test_a_span_that_nobody_expected_is_found() -> None:
    """Recorded twice by two instrumentations, or in a trace that no request has."""
    assert found(*RIGHT, span("SELECT", 6, 2, "client")) == [("client SELECT", "expected span")]
    elsewhere = replace(RIGHT[0], trace_id="0" * 32)
    assert found(*RIGHT, elsewhere) == [("server GET /threads", "expected span")]


def test_a_span_below_another_one_is_found() -> None:
    """A context that was lost on the way to a thread: the work stands below the wrong span."""
    moved = replace(RIGHT[2], parent_id=RIGHT[0].span_id)
    assert sorted(found(*RIGHT[:2], moved, *RIGHT[3:])) == [("client SELECT", "expected span")] * 2


CHANGES = [
    ("library", "other", "expected library"),
    ("status", 1, "expected status"),
    ("message", "why", "expected status_message"),
    ("events", ["cache miss"], "expected events"),
    ("links", 1, "expected links"),
    ("trace_state", "", "expected trace_state"),
    ("kind", "producer", "expected span"),
    ("name", "else", "expected span"),
]


@pytest.mark.parametrize(("field", "value", "fact"), CHANGES)
def test_what_x_ray_has_no_word_for_is_held_against_what_was_expected(
    field: str, value: Any, fact: str
) -> None:
    """Each of them changed is told."""
    [*others, last] = RIGHT[:3]
    changed = replace(last, alone={**last.alone, field: value})
    assert fact in {told for _, told in found(*others, changed, *RIGHT[3:])}


def test_the_caller_is_the_parent_and_names_the_trace() -> None:
    """Where its headers say so; one that they don't name is none."""
    assert found(*RIGHT, caller=Caller(trace_state="vendor=a")) == [
        ("server GET /threads", "expected parent")
    ]
    assert found(*RIGHT, caller=replace(CALLER, parent_id="e" * 16)) == [
        ("server GET /threads", "expected parent")
    ]
    assert found(*RIGHT, caller=replace(CALLER, trace_id="0" * 32)) == [("GET /threads", "expected trace")]


def test_annotations_of_all_spans_are_counted() -> None:
    """One exception and one link."""
    assert WANTED.annotations == 2


def test_every_request_states_its_own_span_and_who_records_it() -> None:
    """Each answer's kind, and below it those of threads, statements and calls."""
    assert {one.spans.kind for one in MIXED} == {"server"}
    names = {(one.library, one.name) for request in MIXED for one in request.spans.below}
    assert ("opentelemetry.instrumentation.sqlite3", "INSERT") in names
    assert ("opentelemetry.instrumentation.requests", "GET") in names
    assert ("opentelemetry.instrumentation.botocore", "SSM.GetParameter") in names
    assert ("parity", "work 2") in names


def test_facts_of_honeycomb_tell_what_x_ray_does_not() -> None:
    """Read off the events of a failed request."""
    reading = event_facts.Reading(RESOURCE.attributes)
    [facts] = event_facts.read(events(failed_request()), reading)
    assert facts.alone == {
        "kind": "server",
        "name": "GET /api/activities/home",
        "library": "",
        "status": 2,
        "message": "",
        "trace_state": "",
        "events": ["exception"],
        "links": 1,
    }
    changed = events(failed_request())
    changed[-1]["data"] |= {"library.name": "app", "trace.trace_state": "a=b", "status_message": "why"}
    [facts] = event_facts.read(changed, reading)
    assert {facts.alone[name] for name in ("library", "trace_state", "message")} == {"app", "a=b", "why"}
