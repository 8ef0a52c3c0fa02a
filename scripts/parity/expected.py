"""What a request has to leave behind: its spans, stated beforehand, against those that arrived.

Two sinks that agree may both lack the span of a query or of a thread: only this finds it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.parity.ledger import NOTHING, ONCE, Difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scripts.parity.facts import Facts

MORE = "..."
"""At the end of an expected message: what follows is a library's own words."""


@dataclass(frozen=True)
class Span:
    """A span that has to be there. `library` names its tracer, `below` are the spans that it is parent of.

    `status` is OpenTelemetry's: 0 unset, 1 ok, 2 error, with its `message`; `events` are its events' names,
    `links` counts its links.
    """

    kind: str
    name: str
    library: str
    status: int = 0
    message: str = ""
    events: tuple[str, ...] = ()
    links: int = 0
    below: tuple[Span, ...] = ()

    @property
    def annotations(self) -> int:
        """How many events and links it and all below it have."""
        return len(self.events) + self.links + sum(one.annotations for one in self.below)


@dataclass(frozen=True)
class Caller:
    """What a request's headers say of its caller; None where they name no trace, or no parent."""

    trace_id: str | None = None
    parent_id: str | None = None
    trace_state: str = ""


@dataclass(frozen=True)
class Expected:
    """One request's trace: its id as the answer named it, the server's span, and who called."""

    trace_id: str
    served: Span
    caller: Caller


def differences(expected: Iterable[Expected], facts: Iterable[Facts]) -> Iterator[Difference]:
    """Yield what is not as expected, in *facts* as Honeycomb's events tell them.

    A span that is missing, one too many, one that is another's child, or whose kind, library, status, events,
    links or tracestate is another. What is below a missing span is not told besides.
    """
    by_trace: dict[str, list[Facts]] = defaultdict(list)
    for one in facts:
        by_trace[one.trace_id].append(one)
    for trace in expected:
        yield from _of_trace(trace, by_trace.pop(trace.trace_id, []))
    for found in by_trace.values():
        yield from map(_unexpected, found)


def _of_trace(trace: Expected, found: Sequence[Facts]) -> Iterator[Difference]:
    if trace.caller.trace_id not in {None, trace.trace_id}:
        name, theirs = trace.served.name, trace.caller.trace_id
        yield Difference(trace.trace_id, "", name, "expected trace", NOTHING, trace.trace_id, theirs)
    ids = {one.span_id for one in found}
    below: dict[str | None, list[Facts]] = defaultdict(list)
    for one in sorted(found, key=lambda one: one.start):
        below[one.parent_id if one.parent_id in ids else None].append(one)
    for root in below[None]:
        if root.parent_id != trace.caller.parent_id:
            yield _other(root, "parent", root.parent_id or NOTHING, trace.caller.parent_id or NOTHING)
    yield from _level(trace, (trace.served,), None, below)


def _level(
    trace: Expected,
    expected: Iterable[Span],
    parent_id: str | None,
    below: Mapping[str | None, list[Facts]],
) -> Iterator[Difference]:
    """Yield what is amiss among the children of one span; those alike stand in the order of their starts."""
    waiting: dict[tuple[str, str], list[Facts]] = defaultdict(list)
    for one in below.get(parent_id, ()):
        waiting[one.alone["kind"], one.alone["name"]].append(one)
    for wanted in expected:
        alike = waiting[wanted.kind, wanted.name]
        if not alike:
            told = f"{wanted.kind} {wanted.name}"
            yield Difference(trace.trace_id, "", told, "expected span", NOTHING, NOTHING, ONCE)
            continue
        found = alike.pop(0)
        yield from _fields(wanted, found, trace.caller.trace_state)
        yield from _level(trace, wanted.below, found.span_id, below)
    for left in waiting.values():
        yield from map(_unexpected, left)


def _fields(wanted: Span, found: Facts, trace_state: str) -> Iterator[Difference]:
    fields: Mapping[str, Any] = {
        "library": wanted.library,
        "status": wanted.status,
        "events": list(wanted.events),
        "links": wanted.links,
        "trace_state": trace_state,
    }
    for field, value in fields.items():
        if found.alone[field] != value:
            yield _other(found, field, found.alone[field], value)
    message = str(found.alone["message"])
    beginning = wanted.message.removesuffix(MORE)
    if not (message == wanted.message or (wanted.message.endswith(MORE) and message.startswith(beginning))):
        yield _other(found, "status_message", message, wanted.message)


def _other(found: Facts, field: str, value: Any, expected: Any) -> Difference:
    name = f"{found.alone['kind']} {found.alone['name']}"
    return Difference(found.trace_id, found.span_id, name, f"expected {field}", NOTHING, value, expected)


def _unexpected(found: Facts) -> Difference:
    return _other(found, "span", ONCE, NOTHING)
