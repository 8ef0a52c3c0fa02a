"""What an application can do to its tracing: each function is one kind of abuse, within a request."""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode, TraceFlags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.trace import Span

MANY = 10_000
STORM_SPANS = 100_000
STORM_THREADS = 4
LARGE_SPANS = 12_000
LARGE_CHARACTERS = 60_000
LONE_SURROGATE = "before \ud800 after"
NOT_UTF8 = b"\xff\xfe\x80"
_tracer = trace.get_tracer("hostile")


@contextmanager
def _span(name: str = "hostile") -> Iterator[Span]:
    with _tracer.start_as_current_span(name) as span:
        yield span


def long_attributes() -> None:
    """Attributes of 10,000 characters; of characters that take four bytes; one of a megabyte; long keys."""
    with _span("n" * MANY) as span:
        for number in range(20):
            span.set_attribute(f"long.{number}", "x" * MANY)
            span.set_attribute(f"wide.{number}", "\N{GRINNING FACE}" * MANY)
        span.set_attribute("megabyte", "y" * 1_000_000)
        span.set_attribute("k" * MANY, "value")
        span.set_attribute("many", ["z" * 100] * MANY)


def many_attributes() -> None:
    """10,000 attributes on one span, singly and at once."""
    with _span() as span:
        for number in range(MANY):
            span.set_attribute(f"single.{number}", number)
        span.set_attributes({f"mass.{number}": str(number) for number in range(MANY)})


def not_utf8() -> None:
    """Bytes that are no UTF-8, as value and in a list; controls and the NUL character."""
    with _span("\x00\x01\x7f\x85\u2028") as span:
        span.set_attribute("bytes", NOT_UTF8)
        span.set_attribute("bytes.list", [NOT_UTF8, NOT_UTF8])
        span.set_attribute("controls", "".join(map(chr, range(32))))
        span.add_event("event", {"bytes": NOT_UTF8})


def lone_surrogates() -> None:
    """Text that no encoding takes, wherever text can be."""
    with _span(LONE_SURROGATE) as span:
        span.set_attribute("value", LONE_SURROGATE)
        span.set_attribute(LONE_SURROGATE, "key")
        span.set_attribute("list", [LONE_SURROGATE])
        span.add_event(LONE_SURROGATE, {"value": LONE_SURROGATE, LONE_SURROGATE: "key"})
        span.record_exception(ValueError(LONE_SURROGATE))
        span.set_status(StatusCode.ERROR, LONE_SURROGATE)


def numbers() -> None:
    """Numbers that JSON or 64 bits don't have."""
    strange = [math.nan, math.inf, -math.inf, 2**63, -(2**63) - 1, 2**64, 2**2000, -0.0, 5e-324, 1e308]
    with _span() as span:
        for position, number in enumerate(strange):
            span.set_attribute(f"number.{position}", number)
            span.set_attribute(f"numbers.{position}", [number, number])
            span.add_event("number", {"value": number})


class _Unfriendly:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")


def wrong_types() -> None:
    """Values and keys of no attribute's type; an object that fails whatever is asked of it."""
    values: list[Any] = [
        None,
        object(),
        _Unfriendly(),
        {"a": 1},
        {1, 2},
        [1, "a", None],
        [[1]],
        lambda: 0,
        1j,
    ]
    keys: list[Any] = [None, 5, "", b"key", ("a",), _Unfriendly]
    with _span() as span:
        for position, value in enumerate(values):
            span.set_attribute(f"value.{position}", value)
            span.add_event("event", {f"value.{position}": value})
        for key in keys:
            span.set_attribute(key, "value")
        span.set_status(StatusCode.ERROR, 5)  # type: ignore[arg-type]
        span.update_name(5)  # type: ignore[arg-type]


def _chain(length: int) -> BaseException:
    error: BaseException = ValueError("first")
    for number in range(length):
        outer = RuntimeError(f"number {number}")
        outer.__cause__ = error
        error = outer
    return error


def cyclic_exceptions() -> None:
    """Chains of causes that end nowhere: of one, of two, through the context, and through a group."""
    one, two, three = ValueError("one"), ValueError("two"), ValueError("three")
    one.__cause__ = one
    two.__cause__, three.__cause__ = three, two
    by_context = ValueError("context")
    other = ValueError("other")
    by_context.__context__, other.__context__ = other, by_context
    group = ExceptionGroup("group", [ValueError("member")])
    group.exceptions[0].__cause__ = group
    for error in (one, two, by_context, group):
        with _span() as span:
            span.record_exception(error)
        with suppress(Exception), _span():
            raise error


def deep_exceptions() -> None:
    """A chain of 5,000 causes, a recursion to the interpreter's limit, and a message of a megabyte."""

    def recurse() -> None:
        recurse()

    def fail(error: BaseException) -> Callable[[], None]:
        def raise_it() -> None:
            raise error

        return raise_it

    for call in (recurse, fail(_chain(5000)), fail(ValueError("m" * 1_000_000))):
        with suppress(Exception), _span():
            call()


class _Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def unfriendly_exceptions() -> None:
    """Exceptions that fail when they are asked for their text, or have none, or odd arguments."""
    for error in (_Unspeakable(), Exception(), Exception(NOT_UTF8, LONE_SURROGATE), KeyError(_Unspeakable())):
        with _span() as span:
            span.record_exception(error)
        with suppress(Exception), _span():
            raise error


def clock_backwards() -> None:
    """Spans that end before they start, at 0, before 1970 and beyond 64 bits."""
    now = time.time_ns()
    for start, end in ((now, now - 10**9), (now, 0), (now, 1), (0, now), (now, -(10**18)), (now, 2**70)):
        span = _tracer.start_span("clock", start_time=start)
        span.add_event("event", timestamp=end)
        span.end(end_time=end)


def ended_wrongly() -> None:
    """Spans that end twice, are written to after it, or never end."""
    span = _tracer.start_span("twice")
    span.end()
    span.end()
    span.set_attribute("late", "value")
    span.add_event("late")
    span.record_exception(ValueError("late"))
    span.set_status(StatusCode.ERROR)
    span.update_name("late")
    _never_ended.extend(_tracer.start_span("never") for _ in range(100))


_never_ended: list[Span] = []


def events_and_links() -> None:
    """10,000 events and 10,000 links on one span, invalid links among them."""
    good = SpanContext(1 << 96 | 1, 1, is_remote=True, trace_flags=TraceFlags(1))
    bad = SpanContext(0, 0, is_remote=True)
    links = [Link(good if number % 2 else bad, {"number": number}) for number in range(MANY)]
    with _tracer.start_as_current_span("links", links=links, kind=SpanKind.CONSUMER) as span:
        for number in range(MANY):
            span.add_event(f"event {number}", {"number": number})
        for _ in range(MANY):
            span.add_link(good)


def deep_nesting() -> None:
    """Spans within spans, 500 deep."""
    spans = []
    for number in range(500):
        manager = _tracer.start_as_current_span(f"level {number}")
        manager.__enter__()
        spans.append(manager)
    for manager in reversed(spans):
        manager.__exit__(None, None, None)


def storm() -> None:
    """100,000 spans as fast as four threads can."""

    def blow() -> None:
        for number in range(STORM_SPANS // STORM_THREADS):
            with _tracer.start_as_current_span("storm", context=context) as span:
                span.set_attribute("number", number)

    context = trace.set_span_in_context(trace.get_current_span())
    threads = [threading.Thread(target=blow) for _ in range(STORM_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def storm_of_large_spans() -> None:
    """720 MB of text in 12,000 spans, each with text of its own."""
    for number in range(LARGE_SPANS):
        with _span("large") as span:
            span.set_attribute("text", f"{number} ".ljust(LARGE_CHARACTERS, "x"))


CASES = (
    long_attributes,
    many_attributes,
    not_utf8,
    lone_surrogates,
    numbers,
    wrong_types,
    cyclic_exceptions,
    deep_exceptions,
    unfriendly_exceptions,
    clock_backwards,
    ended_wrongly,
    events_and_links,
    deep_nesting,
)
STORMS = (storm, storm_of_large_spans)
