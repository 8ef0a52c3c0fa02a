"""What a month of traces costs at X-Ray and at Honeycomb."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.forecast.traffic import DAY_SECONDS

if TYPE_CHECKING:
    from scripts.forecast.prices import Prices

MONTH_DAYS = 365 / 12
MONTH_HOURS = MONTH_DAYS * 24
MONTH_SECONDS = MONTH_DAYS * DAY_SECONDS
RETRIEVED_PER_QUERY = 50
"""As X-Ray's own example has it: a query scans the last hour's traces and retrieves 50 of them."""


@dataclass(frozen=True)
class Usage:
    """What the traffic doesn't say.

    Of a trace: spans, and span events and links together. Of X-Ray: queries a day, groups whose filter the
    traces match (each counts a trace as retrieved once), and whether insights are on.
    """

    spans: float = 2.0
    events: float = 0.1
    queries_per_day: float = 100.0
    groups: int = 1
    groups_with_insights: int = 0


@dataclass(frozen=True)
class Item:
    """One line of a bill: an amount a month, and what it costs."""

    sink: str
    name: str
    amount: float
    cost: float


@dataclass(frozen=True)
class Costs:
    """A month's bill."""

    items: tuple[Item, ...]
    plan: str

    @property
    def xray(self) -> float:
        """What X-Ray charges."""
        return sum(item.cost for item in self.items if item.sink == "X-Ray")

    @property
    def honeycomb(self) -> float:
        """What Honeycomb charges."""
        return sum(item.cost for item in self.items if item.sink == "Honeycomb")

    @property
    def total(self) -> float:
        """Both."""
        return self.xray + self.honeycomb


def of(traces_per_second: float, usage: Usage, prices: Prices) -> Costs:
    """Return what *traces_per_second*, all month, cost. It never falls where there are more traces."""
    traces = traces_per_second * MONTH_SECONDS
    an_hour = traces / MONTH_HOURS
    queries = usage.queries_per_day * MONTH_DAYS
    scanned = queries * (an_hour + min(RETRIEVED_PER_QUERY, an_hour))
    retrieved = usage.groups * traces + scanned
    insights = usage.groups_with_insights * traces
    events = traces * (usage.spans + usage.events)
    plan = prices.plan_for(events)
    return Costs(
        (
            Item("X-Ray", "traces recorded", traces, prices.recorded.of(traces)),
            Item(
                "X-Ray",
                "traces retrieved or scanned",
                retrieved,
                prices.retrieved_or_scanned.of(retrieved),
            ),
            Item("X-Ray", "traces looked at by insights", insights, prices.insights.of(insights)),
            Item("Honeycomb", f"events, plan {plan.name}", events, plan.of(events)),
        ),
        plan.name,
    )


def most_traces_per_second(budget: float, usage: Usage, prices: Prices, most: float) -> float | None:
    """Return how many traces a second *budget* a month pays for, at most *most*; None where none.

    Costs never fall where there are more traces, so halving finds the number.
    """
    if of(0.0, usage, prices).total > budget:
        return None
    low, high = 0.0, most
    if of(most, usage, prices).total <= budget:
        return most
    for _ in range(100):
        middle = (low + high) / 2
        if of(middle, usage, prices).total <= budget:
            low = middle
        else:
            high = middle
    return low
