"""What each sink accepted against what was recorded: a span is there, gone for a cause, or unaccounted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_KEPT = "not_kept"
XRAY_LOSSES = ("dropped_by_kernel", "rejected", "spillover", "unprocessed", "failed")
HONEYCOMB_LOSSES = (NOT_KEPT,)
_EVENTS_NOT_KEPT = ("events.refused", "events.dropped_oldest")


@dataclass(frozen=True)
class Account:
    """One sink's account, in spans.

    `recorded` ended in a worker, `accepted` is in the sink. `dropped` and `lost` are the workers' own counts,
    `on_the_way` counts by cause what the daemon or the sink itself counted as gone.
    """

    sink: str
    recorded: int
    accepted: int
    dropped: int = 0
    lost: int = 0
    on_the_way: Mapping[str, int] | None = None

    @property
    def missing(self) -> int:
        """What the workers say was sent, and isn't there; below 0 where more is there than was recorded."""
        return self.recorded - self.dropped - self.lost - self.accepted

    @property
    def unaccounted(self) -> int:
        """What is missing and nobody counted; more than was recorded is unaccounted too."""
        if self.missing < 0:
            return -self.missing
        return max(0, self.missing - sum((self.on_the_way or {}).values()))


def account(
    sink: str, recorded: int, accepted: int, fates: Mapping[str, int], counted: Mapping[str, int]
) -> Account:
    """Return a sink's account: *fates* as the workers count them, *counted* as its daemon or itself does."""
    causes = XRAY_LOSSES if sink == "xray" else HONEYCOMB_LOSSES
    on_the_way = {name: counted[name] for name in causes if counted.get(name)}
    return Account(sink, recorded, accepted, fates.get("dropped", 0), fates.get("lost", 0), on_the_way)


def spans_not_kept(counters: Mapping[str, int], *, annotations_expected: int, annotations: int) -> int:
    """Return how many of the events that Honeycomb says it refused or let go were spans.

    Its *counters* tell no span from a span's own event or link, which are events of their own there: of
    *annotations_expected* of those, *annotations* are there, and the others are taken off.
    """
    gone = sum(counters.get(name, 0) for name in _EVENTS_NOT_KEPT)
    return max(0, gone - max(0, annotations_expected - annotations))
