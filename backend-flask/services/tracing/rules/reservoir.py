"""One sampling rule at work: its reservoir, its quota, its rate and its counts."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xray.sampling import SamplingRule

BORROW_PER_SECOND = 1
WEIGHT_MAX = 2**31 - 1
"""Honeycomb's sample rate is an int32."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule decided.

    `weight` is how many requests a sampled one stands for: 1 from a reservoir, 1/p by rate p, rounded at
    random to one of the two whole numbers beside it, so that the sum of weights is the number of requests on
    average. None where somebody else decided, by a rate that isn't told.
    """

    sampled: bool
    rule_name: str
    weight: int | None = 1


@dataclass(slots=True)
class Counts:
    """Requests since the last report. Borrowed ones count among the sampled: both were recorded."""

    requests: int = 0
    sampled: int = 0
    borrowed: int = 0


class RuleState:
    """A rule's state in this process. Thread-safe; time is the caller's, in epoch seconds.

    As long as X-Ray's quota is valid (until its TTL) it is taken from, each second anew; before the first and
    after the last quota one request a second is borrowed. What neither takes is decided by the fixed rate.
    """

    def __init__(self, rule: SamplingRule) -> None:
        self.rule = rule
        self.ever_matched = False
        # Reentrant: the garbage collector may begin a span, which is decided, while this thread counts.
        self._lock = threading.RLock()
        self._counts = Counts()
        self._totals = Counts()
        self._second = -1
        self._taken = 0
        self._quota: int | None = None
        self._quota_expires_at = 0.0
        self._use_rate(rule.fixed_rate)

    def _use_rate(self, rate: float) -> None:
        self._rate = rate
        name = self.rule.rule_name
        self._no = Decision(False, name)
        self._from_reservoir = Decision(True, name)
        stands_for = min(1 / rate, WEIGHT_MAX) if rate > 0 else 1.0
        low = int(stands_for)
        self._by_rate_low = Decision(True, name, low)
        self._by_rate_high = Decision(True, name, min(low + 1, WEIGHT_MAX))
        self._high_below = rate * (stands_for - low)

    def decide(self, now: float, chance: float) -> Decision:
        """Decide one request at `now`; `chance` is a random number from 0 up to 1."""
        with self._lock:
            self.ever_matched = True
            self._counts.requests += 1
            if self._take(int(now), now):
                self._counts.sampled += 1
                return self._from_reservoir
            if chance < self._rate:
                self._counts.sampled += 1
                # Of the chances below the rate each is as likely as any other: one number serves both draws.
                return self._by_rate_high if chance < self._high_below else self._by_rate_low
            return self._no

    def _take(self, second: int, now: float) -> bool:
        if second != self._second:
            self._second, self._taken = second, 0
        quota = self._quota
        if quota is not None and self._quota_expires_at >= now:
            if self._taken >= quota:
                return False
        elif self.rule.reservoir_size > 0 and self._taken < BORROW_PER_SECOND:
            self._counts.borrowed += 1
        else:
            return False
        self._taken += 1
        return True

    def redefine(self, rule: SamplingRule) -> None:
        """Take over a changed definition; counts and quota stay, and the rate is the definition's again."""
        with self._lock:
            if rule != self.rule:
                self.rule = rule
                self._use_rate(rule.fixed_rate)

    def take_counts(self) -> Counts:
        """Return the counts since the last call, which start again from zero."""
        fresh = Counts()
        with self._lock:
            counts, self._counts = self._counts, fresh
            self._add(self._totals, counts)
            return counts

    def give_back(self, counts: Counts) -> None:
        """Return counts that could not be reported: the next report holds them."""
        with self._lock:
            self._add(self._counts, counts)
            self._totals.requests -= counts.requests
            self._totals.sampled -= counts.sampled
            self._totals.borrowed -= counts.borrowed

    @staticmethod
    def _add(to: Counts, more: Counts) -> None:
        to.requests += more.requests
        to.sampled += more.sampled
        to.borrowed += more.borrowed

    def apply_target(self, *, fixed_rate: float | None, quota: int | None, expires_at: float | None) -> None:
        """Take what X-Ray answered; a part that it left out stays as it was."""
        with self._lock:
            if fixed_rate is not None:
                self._use_rate(min(1.0, max(0.0, fixed_rate)))
            if quota is not None and expires_at is not None:
                self._quota, self._quota_expires_at = max(0, quota), expires_at

    def status(self) -> Mapping[str, Any]:
        """Return the rule, its counts since the start and its quota, for /health/tracing."""
        counts = Counts()
        with self._lock:
            self._add(counts, self._totals)
            self._add(counts, self._counts)
            return {
                "name": self.rule.rule_name,
                "priority": self.rule.priority,
                "reservoir_size": self.rule.reservoir_size,
                "fixed_rate": self._rate,
                "matched": counts.requests,
                "sampled": counts.sampled,
                "borrowed": counts.borrowed,
                "quota": self._quota,
                "quota_expires_at": self._quota_expires_at if self._quota is not None else None,
            }
