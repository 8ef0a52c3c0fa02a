"""Which spans of a trace get a line of their own, and which are folded into one that counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from scripts.traces.spans import Counts, path_to, window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.traces.spans import Span

ROWS_MAX = 200
ALIKE_MAX = 6
"""So many siblings of one name are shown; of more the first three, and one line for the rest."""
ALIKE_SHOWN = 3
ANCESTORS_MAX = 40
ANCESTORS_SHOWN = (5, 30)
GAP_SHARE = 0.25
"""A stretch in which no child works is told where it takes so much of the whole trace."""


@dataclass(frozen=True)
class Shown:
    """A span with a line of its own."""

    depth: int
    span: Span
    focus: bool = False


@dataclass(frozen=True)
class Folded:
    """Spans that share a line: what they are, how many, inferred ones among them, and how many fail."""

    depth: int
    text: str
    spans: int
    failing: int
    begin: float
    end: float
    inferred: int = 0


@dataclass(frozen=True)
class Gap:
    """A stretch of its parent in which no child works. Times are epoch seconds."""

    depth: int
    begin: float
    end: float


Row = Shown | Folded | Gap


def rows(roots: Sequence[Span], focus: Span | None = None) -> Iterator[Row]:
    """Yield the rows of a trace; with *focus* that span with what surrounds it, all else folded.

    There are two hundred at most: a last one counts what is left.
    """
    trace = window(roots)
    path = path_to(roots, focus) if focus is not None else []
    every = _focused(roots, path, trace) if path else _drawn(_arranged(roots, 0), trace)
    spans = inferred = failing = 0
    for row in islice(every, ROWS_MAX):
        if isinstance(row, Shown):
            spans, failing = spans + 1, failing + row.span.fails
            inferred += row.span.is_inferred
        elif isinstance(row, Folded):
            spans, failing = spans + row.spans, failing + row.failing
            inferred += row.inferred
        yield row
    every_one = Counts.of(roots)
    left = every_one.sent + every_one.inferred - spans
    if left:
        hidden = every_one.inferred - inferred
        yield Folded(
            0,
            _told(left - hidden, hidden, "more"),
            left,
            every_one.failing - failing,
            *trace,
            inferred=hidden,
        )


def _drawn(first: Sequence[Row], trace: tuple[float, float]) -> Iterator[Row]:
    """Yield *first* and all below them; *trace* is the whole trace's window."""
    stack = list(first)[::-1]
    while stack:
        row = stack.pop()
        yield row
        if isinstance(row, Shown) and row.span.children:
            below = _arranged(row.span.children, row.depth + 1) + _gaps(row.span, row.depth + 1, trace)
            stack += sorted(below, key=_begin)[::-1]


def _arranged(spans: Sequence[Span], depth: int) -> list[Row]:
    counts = Counter((span.name, span.service) for span in spans)
    shown: Counter[tuple[str, str]] = Counter()
    kept: list[Row] = []
    rest: dict[tuple[str, str], list[Span]] = {}
    for span in spans:
        kind = (span.name, span.service)
        if counts[kind] > ALIKE_MAX and shown[kind] >= ALIKE_SHOWN:
            rest.setdefault(kind, []).append(span)
        else:
            shown[kind] += 1
            kept.append(Shown(depth, span))
    kept += [_fold(depth, f"{len(some)} more like {kind[0]}", some) for kind, some in rest.items()]
    return sorted(kept, key=_begin)


def _begin(row: Row) -> float:
    return row.span.start if isinstance(row, Shown) else row.begin


def _gaps(parent: Span, depth: int, trace: tuple[float, float]) -> list[Row]:
    end = trace[1]
    shortest = GAP_SHARE * (end - trace[0])
    if shortest <= 0:
        return []
    found: list[Row] = []
    reached = parent.start
    last = end if parent.end is None else parent.end
    busy = [(child.start, end if child.end is None else child.end) for child in parent.children]
    for start, stop in [*sorted(busy), (last, last)]:
        if min(start, last) - reached >= shortest:
            found.append(Gap(depth, reached, min(start, last)))
        reached = max(reached, stop)
    return found


def _fold(depth: int, text: str, spans: Sequence[Span]) -> Folded:
    counts = Counts.of(spans)
    every_one = counts.sent + counts.inferred
    more = f", {_told(counts.sent, counts.inferred, 'spans')}" if every_one > len(spans) else ""
    return Folded(depth, text + more, every_one, counts.failing, *window(spans), inferred=counts.inferred)


def _told(sent: int, inferred: int, noun: str) -> str:
    """Return how many spans there are; what nobody sent is named apart."""
    words = [f"{sent} {noun}"] if sent or not inferred else []
    return ", ".join([*words, f"{inferred} inferred"] if inferred else words)


def _focused(roots: Sequence[Span], path: Sequence[Span], trace: tuple[float, float]) -> Iterator[Row]:
    """Yield the way down to the last of *path*, its neighbours, and all below it."""
    first, last = ANCESTORS_SHOWN
    hidden = range(first, len(path) - last) if len(path) > ANCESTORS_MAX else range(0)
    between: list[Span] = []
    after: list[Row] = []
    siblings = roots
    for depth, span in enumerate(path[:-1]):
        others = [one for one in siblings if one is not span]
        if depth in hidden:
            between += others
        else:
            place = next(index for index, one in enumerate(siblings) if one is span)
            yield from _aside(depth, "before", siblings[:place])
            yield Shown(depth, span)
            after[:0] = _aside(depth, "after", siblings[place + 1 :])
        if hidden and depth == hidden[-1]:
            yield _ancestors(depth, path[hidden.start : hidden.stop], between)
        siblings = span.children
    yield from _neighbourhood(siblings, path[-1], len(path) - 1, trace)
    yield from after


def _neighbourhood(
    siblings: Sequence[Span], span: Span, depth: int, trace: tuple[float, float]
) -> Iterator[Row]:
    place = next(index for index, one in enumerate(siblings) if one is span)
    yield from _aside(depth, "before", siblings[: max(0, place - 1)])
    for one in siblings[max(0, place - 1) : place]:
        yield from _alone(one, depth)
    yield from _drawn([Shown(depth, span, focus=True)], trace)
    for one in siblings[place + 1 : place + 2]:
        yield from _alone(one, depth)
    yield from _aside(depth, "after", siblings[place + 2 :])


def _alone(span: Span, depth: int) -> Iterator[Row]:
    yield Shown(depth, span)
    yield from _aside(depth + 1, "below", span.children)


def _aside(depth: int, where: str, spans: Sequence[Span]) -> list[Row]:
    return [_fold(depth, f"{len(spans)} {where}", spans)] if spans else []


def _ancestors(depth: int, path: Sequence[Span], beside: Sequence[Span]) -> Folded:
    folded = _fold(depth, f"{len(path)} between", beside)
    begin, end = min(span.start for span in path), max(span.end or span.start for span in path)
    failing = folded.failing + sum(span.fails for span in path)
    inferred = folded.inferred + sum(span.is_inferred for span in path)
    return Folded(
        depth,
        f"{len(path)} between",
        folded.spans + len(path),
        failing,
        begin,
        end,
        inferred=inferred,
    )
