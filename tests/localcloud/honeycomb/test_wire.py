"""What a body holds, counted before it is parsed."""

from collections.abc import Iterator

import pytest
from google.protobuf.message import DecodeError, Message
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from localcloud.honeycomb import wire
from localcloud.honeycomb.wire import holds_more

from .conftest import span, trace_request

MANY = 1_000_000
GROUP = b"\x7b\x7c"
"""One of field 15, empty: what no message has, and every parser passes over."""


@pytest.fixture(autouse=True, scope="module")
def _count_all() -> Iterator[None]:
    """However short a body is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "UNCOUNTED_MAX_BYTES", 0)
        patch.setattr(wire, "SHALLOW_MAX_BYTES", 0)
        yield


def messages(message: Message) -> Iterator[Message]:
    """Every message in this one."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in [value] if isinstance(value, Message) else value:
                yield one
                yield from messages(one)


def request(spans: int, values: list[object]) -> ExportTraceServiceRequest:
    """A request with as many spans, each with an event, a link and these attributes."""
    made = trace_request(*[span(events=[Span.Event(name="e")], links=[Span.Link()]) for _ in range(spans)])
    for one in made.resource_spans[0].scope_spans[0].spans:
        extra = trace_request(resource={f"a{number}": value for number, value in enumerate(values)})
        one.attributes.extend(extra.resource_spans[0].resource.attributes)
    return made


VALUES = st.recursive(
    st.text(max_size=3) | st.integers(-9, 9) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(st.integers(0, 4), st.lists(VALUES, max_size=4), st.booleans())
def test_messages_and_events_are_counted_as_protobuf_reads_them(
    spans: int, values: list[object], grouped: bool
) -> None:
    """To the very number, whatever the attributes are nested in, and with groups between."""
    made = request(spans, values)
    body = made.SerializeToString()
    body = GROUP + body + GROUP if grouped else body
    assert ExportTraceServiceRequest.FromString(body).resource_spans == made.resource_spans
    count = sum(1 for _ in messages(made))
    assert not holds_more(body, spans * 3, count)
    assert holds_more(body, spans * 3, count - 1)
    assert spans == 0 or holds_more(body, spans * 3 - 1, MANY)


def test_of_shorter_bodies_the_spans_alone_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in them is bounded by the body's length."""
    monkeypatch.setattr(wire, "SHALLOW_MAX_BYTES", 10_000)
    body = request(3, [1, 2, 3]).SerializeToString()
    assert not holds_more(body, 3, MANY)
    assert holds_more(body, 2, MANY)
    monkeypatch.setattr(wire, "UNCOUNTED_MAX_BYTES", len(body))
    assert not holds_more(body, 0, 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_over(body: bytes) -> None:
    """To the end, without an error; whatever protobuf reads is counted."""
    held = holds_more(body, MANY, 0)
    try:
        read = ExportTraceServiceRequest.FromString(body)
    except DecodeError:
        return
    assert held or not read.resource_spans


def test_a_number_without_end_is_passed_over() -> None:
    """It would become an integer as long as the body."""
    assert not holds_more(b"\x0a" + b"\xff" * 1_000_000, 0, 0)
