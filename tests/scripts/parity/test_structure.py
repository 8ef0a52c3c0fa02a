"""Parents, links, events and kinds: what a span is among others, and what it says of itself."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import Event
from opentelemetry.trace import Link, SpanKind

from scripts.parity import document_facts, event_facts
from scripts.parity.ledger import compare

from .sinks import (
    RESOURCE,
    ROOT_ID,
    START,
    TRACE_ID,
    compared,
    context,
    documents,
    events,
    facts_of,
    failed_request,
    span,
)

FAILED = failed_request()
WORK = span("work", span_id=0xE5, parent_id=0xA1, kind=SpanKind.INTERNAL, attributes={"app.length": 4})


def test_a_message_beside_a_status_that_is_no_error_is_amiss() -> None:
    """OpenTelemetry keeps a status's description with an error alone."""
    spoiled = events(WORK)
    spoiled[0]["data"]["status_message"] = "why"
    assert facts_of(documents(WORK), spoiled) == {"status_message"}


def test_an_event_of_a_span_that_did_not_arrive_is_missed() -> None:
    """The span tells how many it has; an exception's other sink has it, another's hasn't."""
    noted = span("noted", events=[Event("cache miss", {"app.key": "home"}, START + 5)])
    assert facts_of(documents(noted), events(noted)) == set()
    assert facts_of(documents(noted), events(noted)[1:]) == {"span.num_events"}
    assert facts_of(documents(FAILED), events(FAILED)[1:]) >= {"exceptions", "span.num_events"}


@pytest.mark.parametrize("parent_id", [None, ROOT_ID])
@pytest.mark.parametrize("kind", SpanKind)
def test_segment_and_subsegment_are_told_apart(kind: SpanKind, parent_id: int | None) -> None:
    """Whichever a document says it is, the other one is found."""
    one = span("one", span_id=0xB1, kind=kind, parent_id=parent_id)
    [document] = documents(one)
    assert facts_of([document], events(one)) == set()
    document["type"] = "segment" if document.get("type") == "subsegment" else "subsegment"
    assert "type" in facts_of([document], events(one))


def test_a_subsegment_inside_another_document_is_one_without_saying_so() -> None:
    """X-Ray's documents need no type there, and its parent is the document around it."""
    [whole], [inner] = documents(FAILED), documents(WORK)
    whole["subsegments"] = [
        {key: value for key, value in inner.items() if key not in {"type", "parent_id", "trace_id"}}
    ]
    assert compared([whole], events(FAILED, WORK)).differences == ()


def test_a_parent_that_no_span_is_and_no_caller_was_is_found_in_both() -> None:
    """Both sinks agree, and both lack it: a run's callers are known, those of any other are servers' only."""
    served = span("served", span_id=0xB1, parent_id=0xFF)
    worked = span("worked", span_id=0xB2, parent_id=0xFE, kind=SpanKind.INTERNAL)
    below = span("below", span_id=0xB3, parent_id=0xB2, kind=SpanKind.INTERNAL)
    ours = document_facts.read(documents(served, worked, below))
    theirs = event_facts.read(events(served, worked, below), event_facts.Reading(RESOURCE.attributes))
    trace_id = f"{TRACE_ID:032x}"
    everywhere = {(trace_id, f"{0xFF:016x}"), (trace_id, f"{0xFE:016x}")}
    for callers, orphans in (
        (frozenset(), [0xB1, 0xB2]),
        ({(trace_id, f"{0xFF:016x}")}, [0xB2]),
        ({("0" * 32, f"{0xFF:016x}")}, [0xB1, 0xB2]),
        (None, [0xB2]),
        (everywhere, []),
    ):
        found = compare(ours, theirs, callers=callers)
        assert [int(one.span_id, 16) for one in found.differences] == orphans
        assert {one.fact for one in found.differences} <= {"parent's span"}
        assert found.different == len(orphans)


def test_links_are_compared_in_any_order_and_one_by_one() -> None:
    """Two may lead to the same span: their attributes tell them apart, and each counts once."""
    links = [Link(context(0xB2, TRACE_ID + 1), {"app.number": number, "app.list": [1]}) for number in (1, 2)]
    linked = span("linked", links=links)
    [document] = documents(linked)
    document["links"].reverse()
    assert facts_of([document], events(linked)) == set()
    document["links"][0] = document["links"][1]
    assert facts_of([document], events(linked)) == {"links"}
    del document["links"][1]
    assert facts_of([document], events(linked)) == {"links"}


def test_rates_are_allowed_where_a_run_samples_some() -> None:
    """An event that stands for ten is amiss only where everything is sampled."""
    spoiled = events(WORK)
    spoiled[0]["samplerate"] = 10
    for is_everything_sampled, amiss in ((True, {"sample_rate"}), (False, set())):
        reading = event_facts.Reading(RESOURCE.attributes, is_everything_sampled=is_everything_sampled)
        [facts] = event_facts.read(spoiled, reading)
        assert facts.said.keys() & {"sample_rate"} == amiss
