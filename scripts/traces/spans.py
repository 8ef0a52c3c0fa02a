"""A trace's spans in a neutral form, whichever service told of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FAILING = ("fault", "throttle", "error")
INFERRED = "inferred"
"""The mark of what X-Ray made up from its caller's account."""


@dataclass(frozen=True)
class Thrown:
    """An exception; ``frame`` says where, as ``path:line in function``, or is empty."""

    type: str
    message: str
    frame: str = ""


@dataclass(frozen=True, eq=False)
class Span:
    """One bar. Times are epoch seconds; ``end`` is None while in progress.

    ``status`` is ``ok``, ``error``, ``throttle``, ``fault`` or ``in progress``, ``detail`` the HTTP status.
    ``marks`` are words such as ``remote`` and ``inferred``, ``request`` the method and URL; exceptions come
    with the thrown one first, each followed by its cause.
    """

    id: str
    name: str
    start: float
    end: float | None
    status: str = "ok"
    detail: str = ""
    children: Sequence[Span] = field(default=(), repr=False)
    service: str = ""
    marks: Sequence[str] = ()
    request: str = ""
    annotations: Sequence[tuple[str, str]] = ()
    exceptions: Sequence[Thrown] = ()

    repeats: bool = False
    """It fails only in its caller's words: set for an inferred one below a failing caller."""

    def __post_init__(self) -> None:
        """See that what X-Ray inferred from this span, if it fails, is not counted as another failure."""
        if self.status in FAILING and any(child.is_inferred and child.fails for child in self.children):
            told = [replace(one, repeats=True) if one.is_inferred else one for one in self.children]
            object.__setattr__(self, "children", tuple(told))

    @property
    def fails(self) -> bool:
        """Tell whether it is a fault, an error or throttled, and not only repeats that of its caller."""
        return self.status in FAILING and not self.repeats

    @property
    def is_inferred(self) -> bool:
        """Tell whether nobody sent it: X-Ray made it up from its caller's account."""
        return INFERRED in self.marks


@dataclass(frozen=True)
class Counts:
    """How many spans somebody sent, how many X-Ray inferred beside them, and how many of all fail."""

    sent: int
    inferred: int
    failing: int

    @classmethod
    def of(cls, roots: Sequence[Span]) -> Counts:
        """Count *roots* and all below them."""
        spans = [span for _, span in walk(roots)]
        inferred = sum(span.is_inferred for span in spans)
        return cls(len(spans) - inferred, inferred, sum(span.fails for span in spans))


def walk(roots: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """Yield each span with its depth, parents first."""
    stack = [(0, root) for root in reversed(roots)]
    while stack:
        depth, span = stack.pop()
        yield depth, span
        stack.extend((depth + 1, child) for child in reversed(span.children))


def window(roots: Sequence[Span]) -> tuple[float, float]:
    """Return the trace's first start and last end, in epoch seconds."""
    spans = [span for _, span in walk(roots)]
    begin = min((span.start for span in spans), default=0.0)
    return begin, max((max(span.start, span.end or span.start) for span in spans), default=begin)


def failing(roots: Sequence[Span]) -> list[Span]:
    """Return the spans where a failure began, parents first.

    That is a failing span with no failing one below it, or with an exception that none of those below tells.
    """
    order = list(walk(roots))
    parents = _parents(order)
    told: list[set[tuple[str, str]] | None] = [None] * len(order)
    found: list[Span] = []
    for index in range(len(order) - 1, -1, -1):
        span, below, parent = order[index][1], told[index], parents[index]
        own = {(thrown.type, thrown.message) for thrown in span.exceptions}
        if span.fails:
            if below is None or own - below:
                found.append(span)
            below = own if below is None else below | own if own else below
        if below is not None and parent is not None:
            told[parent] = _merged(told[parent], below)
    return found[::-1]


def _parents(order: Sequence[tuple[int, Span]]) -> list[int | None]:
    """Return the index of each one's parent in *order*, which has parents first."""
    last: list[int] = []
    parents: list[int | None] = []
    for index, (depth, _) in enumerate(order):
        del last[depth:]
        parents.append(last[-1] if last else None)
        last.append(index)
    return parents


def _merged(one: set[tuple[str, str]] | None, other: set[tuple[str, str]]) -> set[tuple[str, str]]:
    if one is None:
        return other
    small, large = sorted((one, other), key=len)
    # a copy only where it would grow: what a long chain of parents hands up stays one set
    return large if small <= large else large | small


def path_to(roots: Sequence[Span], wanted: Span) -> list[Span]:
    """Return *wanted* and its ancestors, the root first; empty where it is not among them."""
    path: list[Span] = []
    for depth, span in walk(roots):
        del path[depth:]
        path.append(span)
        if span is wanted:
            return path
    return []
