"""Sampling boosts: more traces for a minute where a rule's own rate misses the anomalies.

Source: "Configuring adaptive sampling", X-Ray developer guide: a boost lasts a minute at most, there is one
in a cooldown window, its rate is the least that captures the anomalies and never above the rule's MaxRate,
and there is none where the rule's rate captures enough. The formula is unpublished; ours is below.
"""

from dataclasses import dataclass
from typing import Any

from localcloud.aws.xray.rules import RuleRecord

BOOST_SECONDS = 60
WINDOW_SECONDS = 10
"""Clients report every ten seconds; reports of so many seconds, of all services, are judged together."""
CAPTURED_ENOUGH = 1
"""Anomalies that are to be sampled in a window."""


@dataclass(frozen=True, slots=True)
class Boost:
    """`rate` in place of the rule's until `ends_at`; the next may start at `next_at` (epoch seconds)."""

    rate: float
    ends_at: float
    next_at: float

    def to_api(self) -> dict[str, float]:
        """Return the API's `SamplingBoost`."""
        return {"BoostRate": self.rate, "BoostRateTTL": self.ends_at}


@dataclass(slots=True)
class _Window:
    started_at: float
    anomalies: int = 0
    sampled: int = 0


class SamplingBoosts:
    """The boosts of one account's and region's rules. Times are epoch seconds."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}
        self._boosts: dict[str, Boost] = {}

    def report(self, document: dict[str, Any], record: RuleRecord, now: float) -> None:
        """Take one of the API's `SamplingBoostStatisticsDocument` and boost the rule where it needs that.

        Of N anomalies in a window of which none was sampled, the rate 1/N captures one on average.
        """
        if record.rate_boost is None:
            return
        name = record.rule.rule_name
        window = self._windows.get(name)
        if window is None or not 0 <= now - window.started_at <= WINDOW_SECONDS:
            window = self._windows[name] = _Window(now)
        window.anomalies += document["AnomalyCount"]
        window.sampled += document["SampledAnomalyCount"]
        last = self._boosts.get(name)
        if not window.anomalies or window.sampled >= CAPTURED_ENOUGH or (last and now < last.next_at):
            return
        rate = min(record.rate_boost["MaxRate"], CAPTURED_ENOUGH / window.anomalies)
        if rate > record.rule.fixed_rate:
            cooldown_seconds = 60 * record.rate_boost["CooldownWindowMinutes"]
            ends_at = now + BOOST_SECONDS
            self._boosts[name] = Boost(rate, ends_at, max(ends_at, now + cooldown_seconds))

    def now_for(self, rule_name: str, now: float) -> Boost | None:
        """Return the rule's boost, if it has one at present.

        It is in every answer until it ends: clients forget one that the last answer doesn't name.
        """
        boost = self._boosts.get(rule_name)
        return boost if boost is not None and now < boost.ends_at else None

    def forget(self, rule_name: str) -> None:
        """Forget a rule that was deleted."""
        self._windows.pop(rule_name, None)
        self._boosts.pop(rule_name, None)
