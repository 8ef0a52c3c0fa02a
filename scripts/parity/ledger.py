"""The comparison: the same spans as X-Ray and as Honeycomb have them, and every difference by its name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.parity.facts import is_same_time, is_same_value
from scripts.parity.mapping import SEGMENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from scripts.parity.facts import Facts

NOTHING = "(nothing)"
ONCE = "once"


@dataclass(frozen=True)
class Difference:
    """What is not the same: `fact` names it, `span_id` is empty where it concerns a whole trace.

    `expected` is what should be there, where that is known without the other sink.
    """

    trace_id: str
    span_id: str
    name: str
    fact: str
    xray: Any
    honeycomb: Any
    expected: Any = ""


@dataclass(frozen=True)
class Comparison:
    """What came of it. `spans` counts those that either sink has; equal + different = spans."""

    traces: int
    spans: int
    in_xray: int
    in_honeycomb: int
    equal: int
    shortened: int
    differences: tuple[Difference, ...]

    @property
    def different(self) -> int:
        """How many spans are not the same, or not in both sinks."""
        return self.spans - self.equal


def compare(
    xray: Iterable[Facts],
    honeycomb: Iterable[Facts],
    *,
    callers: Collection[tuple[str, str]] | None = frozenset(),
) -> Comparison:
    """Return how the spans of both sinks compare, in the order of their traces and times.

    Every parent has to be a span that either sink has, or one of *callers* (trace id, span id), which are
    recorded elsewhere; None where those aren't known: then a segment may have its parent elsewhere.
    """
    ours, theirs = _by_id(xray), _by_id(honeycomb)
    known = ours.keys() | theirs.keys()
    ids = sorted(ours.keys() | theirs.keys(), key=lambda key: _order(key, ours, theirs))
    differences: list[Difference] = []
    equal = 0
    for key in ids:
        every = (*ours.get(key, ()), *theirs.get(key, ()))
        found = [
            *_of_span(key, ours.get(key, []), theirs.get(key, [])),
            *_orphan(key, every, known, callers),
        ]
        differences += found
        equal += not found
    return Comparison(
        traces=len({trace_id for trace_id, _ in ids}),
        spans=len(ids),
        in_xray=len(ours),
        in_honeycomb=len(theirs),
        equal=equal,
        shortened=sum(any(facts.is_shortened for facts in found) for found in ours.values()),
        differences=tuple(differences),
    )


_Key = tuple[str, str]


def _by_id(facts: Iterable[Facts]) -> dict[_Key, list[Facts]]:
    found: dict[_Key, list[Facts]] = defaultdict(list)
    for one in facts:
        found[one.trace_id, one.span_id].append(one)
    return dict(found)


def _order(key: _Key, *sinks: Mapping[_Key, list[Facts]]) -> tuple[str, int, str]:
    start = next(sink[key][0].start for sink in sinks if key in sink)
    return key[0], start, key[1]


def _of_span(key: _Key, ours: list[Facts], theirs: list[Facts]) -> Iterator[Difference]:
    name = str([*ours, *theirs][0].said.get("name", ""))

    def difference(fact: str, xray: Any, honeycomb: Any) -> Difference:
        return Difference(*key, name, fact, xray, honeycomb)

    if len(ours) != 1 or len(theirs) != 1:
        yield difference("span", _times(ours), _times(theirs))
    if not ours or not theirs:
        return
    xray, honeycomb = ours[0], theirs[0]
    if xray.parent_id != honeycomb.parent_id:
        yield difference("parent", xray.parent_id or NOTHING, honeycomb.parent_id or NOTHING)
    if not is_same_time(xray.start, honeycomb.start):
        yield difference("start", xray.start, honeycomb.start)
    if not is_same_time(xray.end, honeycomb.end):
        yield difference("end", xray.end or NOTHING, honeycomb.end or NOTHING)
    for prefix, one, other in (
        ("", xray.said, honeycomb.said),
        ("attribute ", xray.attributes, honeycomb.attributes),
        ("resource ", xray.resource, honeycomb.resource),
    ):
        for fact, left, right in _unequal(one, other, is_shortened=xray.is_shortened):
            yield difference(f"{prefix}{fact}", left, right)


def _orphan(
    key: _Key, found: Iterable[Facts], known: Collection[_Key], callers: Collection[_Key] | None
) -> Iterator[Difference]:
    """Yield the span where its parent is nobody's, a difference that both sinks may have in common."""
    for one in found:
        if one.parent_id is None or (key[0], one.parent_id) in known:
            continue
        is_elsewhere = (
            one.said.get("type") == SEGMENT if callers is None else (key[0], one.parent_id) in callers
        )
        if not is_elsewhere:
            name = str(one.said.get("name", ""))
            yield Difference(*key, name, "parent's span", NOTHING, NOTHING, f"a span {one.parent_id}")
            return


def _unequal(
    xray: Mapping[str, Any], honeycomb: Mapping[str, Any], *, is_shortened: bool
) -> Iterator[tuple[str, Any, Any]]:
    """Yield what differs; a shortened document may lack a fact or the end of a text, but say nothing else."""
    for fact in sorted(xray.keys() | honeycomb.keys()):
        if fact not in xray:
            if not is_shortened:
                yield fact, NOTHING, honeycomb[fact]
        elif fact not in honeycomb:
            yield fact, xray[fact], NOTHING
        elif not is_same_value(xray[fact], honeycomb[fact], may_be_cut=is_shortened):
            yield fact, xray[fact], honeycomb[fact]


def _times(found: list[Facts]) -> str:
    return {0: NOTHING, 1: ONCE}.get(len(found), f"{len(found)} times")
