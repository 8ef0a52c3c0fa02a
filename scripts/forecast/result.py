"""All that a forecast has found, in one object for every form of report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.forecast.budget import Proposal
    from scripts.forecast.costs import Costs, Usage
    from scripts.forecast.forecast import Forecast
    from scripts.forecast.prices import Prices


@dataclass(frozen=True)
class Sampling:
    """A list of rules at work: what it samples, and what that costs."""

    forecast: Forecast
    costs: Costs


@dataclass(frozen=True)
class Result:
    """Proposed against applied (None: not known), and, for a budget, rules within it."""

    environment: str
    proposed: Sampling
    applied: Sampling | None
    prices: Prices
    usage: Usage
    budget: float | None = None
    blind_limit: int | None = None
    within: Proposal | None = None
    hcl: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def is_over_budget(self) -> bool:
        """Tell whether the proposed rules cost more than the budget."""
        return self.budget is not None and self.proposed.costs.total > self.budget

    @property
    def is_too_blind(self) -> bool:
        """Tell whether more routes stay blind than are allowed."""
        return self.blind_limit is not None and len(self.proposed.forecast.blind) > self.blind_limit
