"""Which spans are sent, and in what form."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from scripts import secrets
from scripts.telemetry import documents, from_terragrunt, otlp
from scripts.telemetry.spans import KEPT_MAX, SHORT_NANOSECONDS, Span, shown, worth_sending
from tests.scripts.telemetry.spans import ANY, TRACE_ID, request, span
from xray.segments import validate_document


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 20)), max_size=12))
def test_who_is_sent_has_its_parent_sent(shape: list[tuple[int, int]]) -> None:
    """Of any tree, what is left out is short and has nothing below it that is sent."""
    tree = [
        span(number, min(parent, number - 1), milliseconds=ms) for number, (parent, ms) in enumerate(shape, 1)
    ]
    sent = {one.span_id for one in worth_sending(tree)}
    for one in tree:
        if one.span_id in sent:
            assert one.parent_id in {0, *sent}
        else:
            assert one.duration_ns < SHORT_NANOSECONDS


@given(st.lists(st.integers(5, 1_000), min_size=1, max_size=2 * KEPT_MAX), st.integers(0, 2 * KEPT_MAX))
def test_so_many_are_sent_and_the_shortest_are_not(took: list[int], failing: int) -> None:
    """What failed counts among them, and stays though it is beyond the bound."""
    spans = [span(number, milliseconds=ms) for number, ms in enumerate(took, 1)]
    spans[failing:] = [replace(one, is_error=True) for one in spans[failing:]]
    failed = spans[failing:]
    sent = worth_sending(spans)
    assert len(sent) == min(len(spans), max(KEPT_MAX, len(failed)))
    assert set(map(id, failed)) <= set(map(id, sent))
    left_out = [one.duration_ns for one in spans if one not in sent]
    kept = [one.duration_ns for one in sent if not one.is_error]
    assert not left_out or not kept or max(left_out) <= min(kept)


def test_short_ones_that_say_something_are_sent() -> None:
    """Our own steps, and failures, whatever they took."""
    failed = replace(span(1, milliseconds=0), is_error=True)
    own = span(2, milliseconds=0, recorder="scripts")
    assert worth_sending([failed, own, span(3, milliseconds=0)]) == [failed, own]


@given(st.lists(ANY, min_size=1, max_size=5))
def test_every_document_is_sound(spans: list[Span]) -> None:
    """X-Ray's own rules find nothing wrong, and the root is the first and the only segment."""
    found = [json.loads(text) for text in documents.of(spans, spans[0], "a-service")]
    assert [validate_document(one) for one in found] == [[]] * len(spans)
    assert found[0]["name"] == "a-service"
    assert [one.get("type") for one in found] == [None, *["subsegment"] * (len(spans) - 1)]


@given(st.lists(ANY, min_size=1, max_size=5))
def test_otlp_holds_every_span(spans: list[Span]) -> None:
    """Ids, names, times and the error of each come back from the bytes."""
    sent = ExportTraceServiceRequest.FromString(otlp.encode(spans, "a-service"))
    [resource] = sent.resource_spans
    assert [(one.key, one.value.string_value) for one in resource.resource.attributes] == [
        ("service.name", "a-service")
    ]
    found = {
        (int.from_bytes(one.span_id, "big"), one.name, one.start_time_unix_nano, one.status.code == 2)
        for scope in resource.scope_spans
        for one in scope.spans
    }
    assert found == {(one.span_id, one.name, one.start_ns, one.is_error) for one in spans}


def test_terraforms_arguments_and_unknown_attributes_stay_here() -> None:
    """Of a child's arguments the command alone is kept, of Terragrunt's attributes the known ones."""
    given_ = {"args": "[apply -var password=hunter2]", "password": "hunter2", "unit_name": "xray"}
    [found] = from_terragrunt.read(request(attributes=given_).SerializeToString(), TRACE_ID)
    assert found.attributes == {"terragrunt.args": "apply", "terragrunt.unit_name": "xray"}
    [other] = from_terragrunt.read(request("run_sh", {"args": "[-c secret]"}).SerializeToString(), TRACE_ID)
    assert other.attributes == {}


def test_a_known_secret_is_in_no_text() -> None:
    """What scrubbing knows is replaced before it is cut."""
    key = "hcaik_" + "s" * 58
    secrets.remember(key)
    try:
        [found] = from_terragrunt.read(
            request(f"hook_{key}", {"unit_name": f"x{key}"}).SerializeToString(), TRACE_ID
        )
    finally:
        secrets._known.discard(key)
    assert key not in repr(found)
    assert shown("x" * 1000) == "x" * 500
