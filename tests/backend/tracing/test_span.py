"""Our light span against OpenTelemetry's own: the same calls leave the same span."""

import logging
import math
import threading
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Span as ApiSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from services.tracing.pipeline import Pipeline
from services.tracing.recording.provider import Provider
from services.tracing.recording.span import Span
from services.tracing.recording.span_bounds import LONG_CHARACTERS, SpanBounds
from services.tracing.settings import TracingSettings

RESOURCE = Resource({"service.name": "cruddur"})
OTHER = SpanContext(0x5F84C7A1E7D1852DB8C4FD35D88BF49A, 7, is_remote=True)

_KEYS = st.sampled_from(["a", "b", "http.route", ""])
_VALUES = (
    st.text(max_size=5)
    | st.booleans()
    | st.integers(-5, 5)
    | st.just(math.inf)
    | st.binary(max_size=3)
    | st.lists(st.integers(0, 3), max_size=3)
    | st.just({1, 2})
)
_ATTRIBUTES = st.dictionaries(_KEYS, _VALUES, max_size=3)
_STATUSES = st.sampled_from(
    [Status(StatusCode.OK), Status(StatusCode.UNSET), Status(StatusCode.ERROR, "no"), StatusCode.ERROR]
)
_EXCEPTIONS = st.tuples(st.just(ValueError("no")), _ATTRIBUTES, st.just(6), st.booleans())
_STEPS = st.one_of(
    st.tuples(st.just("set_attribute"), st.tuples(_KEYS, _VALUES)),
    st.tuples(st.just("set_attributes"), st.tuples(_ATTRIBUTES)),
    st.tuples(st.just("add_event"), st.tuples(st.just("seen"), _ATTRIBUTES, st.just(5))),
    st.tuples(st.just("add_link"), st.tuples(st.just(OTHER), _ATTRIBUTES)),
    st.tuples(st.just("update_name"), st.tuples(st.text(min_size=1, max_size=4))),
    st.tuples(st.just("set_status"), st.tuples(_STATUSES)),
    st.tuples(st.just("record_exception"), _EXCEPTIONS),
    st.tuples(st.just("end"), st.tuples(st.integers(10, 20))),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """OpenTelemetry logs what it refuses; here it is refused on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class Kept(Pipeline):
    """Keeps what is put into it."""

    def __init__(self) -> None:
        super().__init__([])
        self.spans: list[ReadableSpan] = []

    def put(self, span: ReadableSpan) -> None:
        """Keep a span."""
        self.spans.append(span)


def ours(bounds: SpanBounds | None = None) -> tuple[trace.Tracer, Kept]:
    """A tracer of ours that records everything, and what ended."""
    kept = Kept()
    provider = Provider(RESOURCE)
    provider.renew(RESOURCE, ALWAYS_ON, kept, bounds)
    return provider.get_tracer("test"), kept


def theirs() -> trace.Tracer:
    """OpenTelemetry's own tracer."""
    return TracerProvider(ALWAYS_ON, RESOURCE, shutdown_on_exit=False).get_tracer("test")


def told(span: Any) -> dict[str, Any]:
    """All that a span tells, without its ids."""
    assert isinstance(span, ReadableSpan)
    return {
        "name": span.name,
        "kind": span.kind,
        "parent": span.parent,
        "start": span.start_time,
        "end": span.end_time,
        "attributes": dict(span.attributes or {}),
        "events": [(event.name, dict(event.attributes or {}), event.timestamp) for event in span.events],
        "links": [(link.context, dict(link.attributes or {})) for link in span.links],
        "status": (span.status.status_code, span.status.description),
        "resource": span.resource,
        "scope": span.instrumentation_scope,
        "dropped": (span.dropped_attributes, span.dropped_events, span.dropped_links),
        "recording": isinstance(span, ApiSpan) and span.is_recording(),
    }


@given(_ATTRIBUTES, st.lists(_STEPS, max_size=8))
def test_the_same_calls_leave_the_same_span(
    attributes: dict[str, Any], steps: list[tuple[str, tuple[Any, ...]]]
) -> None:
    """Within the limits ours tells what OpenTelemetry's tells, whatever is called in whatever order."""
    spans = [
        tracer.start_span("work", kind=SpanKind.CLIENT, attributes=attributes, start_time=1)
        for tracer in (ours()[0], theirs())
    ]
    for span in spans:
        for method, arguments in steps:
            getattr(span, method)(*arguments)
    assert told(spans[0]) == told(spans[1])


def test_a_span_ends_once_in_whichever_thread() -> None:
    """Many threads that end one span at a time put it into the pipeline once."""
    tracer, kept = ours()
    for _ in range(50):
        span = tracer.start_span("work")
        barrier = threading.Barrier(8)

        def end(span: ApiSpan = span, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            span.end()

        threads = [threading.Thread(target=end) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(kept.spans) == 50


def test_limits_keep_what_came_first_and_count_the_rest() -> None:
    """OpenTelemetry's variables bound attributes, events and links; what is new is discarded."""
    limits = {"ATTRIBUTE_COUNT": 2, "EVENT_COUNT": 1, "LINK_COUNT": 1, "ATTRIBUTE_VALUE_LENGTH": 3}
    variables = {f"OTEL_SPAN_{name}_LIMIT": str(value) for name, value in limits.items()}
    tracer, _ = ours(TracingSettings.from_environment(variables).bounds)
    span = tracer.start_span("work")
    assert isinstance(span, Span)
    for number in range(10):
        span.set_attribute(f"k{number}", "long" * LONG_CHARACTERS)
        span.add_event(f"e{number}")
        span.add_link(OTHER)
    span.set_attribute("k0", "newer")
    span.set_known("http.route", "/a")
    assert dict(span.attributes) == {"k0": "new", "k1": "lon", "http.route": "/a"}
    assert [event.name for event in span.events] == ["e0"]
    assert (span.dropped_attributes, span.dropped_events, span.dropped_links) == (8, 9, 9)


def test_long_texts_are_weighed() -> None:
    """What a span's long texts take is known, for the queue's bound; short ones weigh nothing."""
    tracer, _ = ours()
    span = tracer.start_span("work")
    assert isinstance(span, Span)
    span.set_attribute("short", "x" * 100)
    assert span.long_bytes == 0
    span.set_attribute("long", "x" * 10_000)
    span.add_event("seen", {"long": "x" * 10_000})
    assert 20_000 <= span.long_bytes < 30_000


@pytest.mark.parametrize("make", [lambda: ours()[0], theirs])
def test_what_leaves_a_current_span_is_recorded_alike(make: Callable[[], trace.Tracer]) -> None:
    """An exception becomes event and status; what is none (SystemExit) doesn't; both pass on."""
    tracer = make()
    with pytest.raises(KeyError), tracer.start_as_current_span("work") as failed:
        raise KeyError("no")
    with pytest.raises(SystemExit), tracer.start_as_current_span("work") as left:
        raise SystemExit
    with pytest.raises(KeyError), tracer.start_span("work") as entered:
        raise KeyError("no")
    assert told(failed)["status"] == (StatusCode.ERROR, "KeyError: 'no'")
    assert [event[0] for event in told(failed)["events"]] == ["exception"]
    assert told(left)["status"] == (StatusCode.UNSET, None)
    assert told(entered)["events"][0][1]["exception.escaped"] == "True"
    assert not any(told(span)["recording"] for span in (failed, left, entered))


@pytest.mark.parametrize("make", [lambda: ours()[0], theirs])
@pytest.mark.parametrize("is_recorded", [True, False])
@pytest.mark.parametrize("is_error", [True, False])
@pytest.mark.parametrize("starts", ["start_span", "start_as_current_span"])
def test_an_exception_is_kept_out_where_that_was_asked_for(
    starts: str, is_error: bool, is_recorded: bool, make: Callable[[], trace.Tracer]
) -> None:
    """`record_exception` and `set_status_on_exception` hold however the span is left."""
    options = {"record_exception": is_recorded, "set_status_on_exception": is_error}
    with pytest.raises(KeyError), getattr(make(), starts)("work", **options) as span:
        raise KeyError("no")
    assert bool(told(span)["events"]) is is_recorded
    assert told(span)["status"][0] is (StatusCode.ERROR if is_error else StatusCode.UNSET)


@pytest.mark.parametrize("make", [lambda: ours()[0], theirs])
def test_a_current_span_that_is_entered_again_is_left_as_was_asked(make: Callable[[], trace.Tracer]) -> None:
    """What the tracer was asked for is the span's."""
    current = make().start_as_current_span("work", record_exception=False, end_on_exit=False)
    with current as span, pytest.raises(KeyError), span:
        raise KeyError("no")
    assert told(span)["events"] == []


class Key(str, Enum):  # noqa: UP042 (kinds of text that are in use)
    """Names of attributes, as applications gather them."""

    USER = "user.id"


class Text(str):
    """A text of another kind."""

    __slots__ = ()


@pytest.mark.parametrize("key", [Key.USER, Text("user.id")])
@pytest.mark.parametrize("value", [Key.USER, Text("al"), Text("x" * 5000), 1])
def test_keys_and_values_of_other_kinds_of_text_are_kept(key: str, value: Any) -> None:
    """As by OpenTelemetry; they are plain text then, which every encoder takes."""
    spans = [
        tracer.start_span("work", attributes={key: value}, start_time=1) for tracer in (ours()[0], theirs())
    ]
    for span in spans:
        span.set_attribute(key, value)
        span.end(2)
    assert told(spans[0]) == told(spans[1])
    ((name, kept),) = told(spans[0])["attributes"].items()
    assert type(name) is str
    assert type(kept) in {str, int}


async def _coroutine() -> int:
    return trace.get_current_span().get_span_context().span_id


def test_it_decorates_functions_and_coroutines() -> None:
    """As OpenTelemetry's, `start_as_current_span` is a decorator too: a span for each call."""
    tracer, kept = ours()

    @tracer.start_as_current_span("call")
    def call() -> int:
        return trace.get_current_span().get_span_context().span_id

    coroutine = tracer.start_as_current_span("await")(_coroutine)
    ids = [call(), call()]
    waiting = coroutine()
    with pytest.raises(StopIteration) as stopped:
        waiting.send(None)
    ids.append(stopped.value.value)
    assert ids == [span.context.span_id for span in kept.spans]
    assert [span.name for span in kept.spans] == ["call", "call", "await"]


def test_it_prints_as_json() -> None:
    """A console exporter of OpenTelemetry's takes it."""
    tracer, _ = ours()
    span = tracer.start_span("work", attributes={"a": 1})
    span.record_exception(ValueError("no"))
    span.end()
    assert isinstance(span, ReadableSpan)
    assert '"exception.message": "no"' in span.to_json()
