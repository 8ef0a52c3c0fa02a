"""What a run may cost: the most that it sends and asks for, what that is in money, and how long it takes.

Prices: aws.amazon.com/xray/pricing (us-east-1, 2026-11: traces recorded 5.00 USD, retrieved or scanned 0.50
USD, a million each, beyond the free tier); Honeycomb bills by the events of a plan. An account records at
most 2,600 segments a second (docs.aws.amazon.com/general/latest/gr/xray.html), and so at most as many traces.
"""

from __future__ import annotations

from dataclasses import dataclass

TRACES_RECORDED_MAX = 200
TRACES_RETRIEVED_MAX = 20_000
EVENTS_MAX = 200
RUN_MAX_SECONDS = 1200.0
WINDOW_MAX_SECONDS = 2
"""No case asks for the summaries of a longer time in which X-Ray may still have traces."""
PAGE_OVERSHOOT_MAX = 2_600 * WINDOW_MAX_SECONDS
USD_A_TRACE_RECORDED = 5.00 / 1_000_000
USD_A_TRACE_RETRIEVED = 0.50 / 1_000_000


class CappedError(Exception):
    """A case would send or ask for more than the run may, or begin later than it may."""


@dataclass
class Budget:
    """Counts what is sent and asked for; refuses, before the call, what would go beyond."""

    recorded: int = 0
    retrieved: int = 0
    events: int = 0

    def record(self, traces: int) -> None:
        """Count traces that are about to be sent. Raises CappedError where they may not be."""
        _check("traces recorded", self.recorded + traces, TRACES_RECORDED_MAX)
        self.recorded += traces

    def before_reading(self, traces: int) -> None:
        """Raise CappedError where no call may follow that reads *traces* or more."""
        _check("traces retrieved", self.retrieved + traces, TRACES_RETRIEVED_MAX)

    def read(self, traces: int) -> None:
        """Count traces that an answer says were read or scanned."""
        self.retrieved += traces

    def send(self, events: int) -> None:
        """Count events that are about to be sent to Honeycomb; a call without any is never refused."""
        if events:
            _check("events", self.events + events, EVENTS_MAX)
            self.events += events

    def usd(self) -> float:
        """Return what X-Ray charges for what was counted so far, in US dollars, free tier aside."""
        return self.recorded * USD_A_TRACE_RECORDED + self.retrieved * USD_A_TRACE_RETRIEVED


def statement() -> str:
    """Return what a run costs at most, in one line."""
    most = Budget(TRACES_RECORDED_MAX, TRACES_RETRIEVED_MAX).usd()
    page = PAGE_OVERSHOOT_MAX * USD_A_TRACE_RETRIEVED
    return (
        f"at most {TRACES_RECORDED_MAX} traces recorded and {TRACES_RETRIEVED_MAX:,} retrieved in X-Ray "
        f"({most:.4f} USD; the last page may scan up to {PAGE_OVERSHOOT_MAX:,} more, {page:.4f} USD), "
        f"{EVENTS_MAX} events in Honeycomb; at most {RUN_MAX_SECONDS / 60:.0f} minutes and the clean-up; "
        "everything it makes is named conform-* and removed again, but for what can't be: traces, and "
        "Honeycomb's events and queries"
    )


def _check(what: str, count: int, most: int) -> None:
    if count > most:
        raise CappedError(f"the run would come to {count} {what}, more than the {most} that it states")
