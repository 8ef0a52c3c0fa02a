"""A span as both sinks get it, whoever recorded it; and which ones are worth sending."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from scripts.secrets import scrub

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TEXT_MAX_CHARACTERS = 500
SHORT_NANOSECONDS = 5_000_000
KEPT_MAX = 300
"""Some 90 KB as documents: X-Ray keeps 100 to 500 KB of a trace (source: its quotas)."""
Value = str | bool | int | float


@dataclass(frozen=True)
class Span:
    """One span; times are nanoseconds since the epoch. ``parent_id`` is 0 where there is none."""

    trace_id: int
    span_id: int
    parent_id: int
    name: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, Value] = field(default_factory=dict)
    is_error: bool = False
    recorder: str = "scripts"

    @property
    def duration_ns(self) -> int:
        """How long it took; never below 0."""
        return max(0, self.end_ns - self.start_ns)


def shown(value: Value) -> Value:
    """Return *value* without secrets, a text at most 500 characters long."""
    return scrub(value)[:TEXT_MAX_CHARACTERS] if isinstance(value, str) else value


def worth_sending(spans: Iterable[Span]) -> list[Span]:
    """Return *spans* without those that tell the least, in their order.

    Terragrunt records each file that it reads, hundreds of them, and each is slow on a busy machine. Of its
    spans with nothing kept below them, the shortest go first: all that took less than 5 ms, and more until
    300 spans are left. What failed stays, and all above it.
    """
    by_id = {span.span_id: span for span in spans}
    below = Counter(span.parent_id for span in by_id.values())
    leaves = [(span.duration_ns, span.span_id) for span in by_id.values() if _can_go(span, below)]
    heapify(leaves)
    while leaves and (leaves[0][0] < SHORT_NANOSECONDS or len(by_id) > KEPT_MAX):
        span = by_id.pop(heappop(leaves)[1])
        below[span.parent_id] -= 1
        parent = by_id.get(span.parent_id)
        if parent is not None and _can_go(parent, below):
            heappush(leaves, (parent.duration_ns, parent.span_id))
    return list(by_id.values())


def _can_go(span: Span, below: Mapping[int, int]) -> bool:
    return span.recorder != "scripts" and not span.is_error and not below[span.span_id]
