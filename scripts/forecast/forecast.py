"""What one list of rules samples of given traffic, by rule, by route, and over the day."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.forecast.routes import is_health_check
from scripts.forecast.slots import Slots
from scripts.forecast.traffic import DAY_SECONDS
from xray.forecast.expectation import borrowed_at_start, of_count, of_poisson, unseen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.forecast.seconds import Seconds
    from scripts.forecast.traffic import Traffic
    from xray.sampling import SamplingRule

BLIND_FROM = 0.5
"""A route is a blind spot where, on a day with requests to it, it is as likely as not that none is traced."""


@dataclass
class RuleForecast:
    """One rule's part, over the whole traffic: requests, traces by reservoir and rate, the sum's variance."""

    rule: SamplingRule
    requests: float = 0.0
    by_reservoir: float = 0.0
    by_rate: float = 0.0
    variance: float = 0.0
    borrowed: float = 0.0
    """Traces, once, while all workers that start wait for their first quotas."""

    @property
    def traces(self) -> float:
        """Traces over the whole traffic."""
        return self.by_reservoir + self.by_rate

    @property
    def samples_nothing(self) -> bool:
        """Tell whether the rule leaves out on purpose what falls under it."""
        return self.rule.reservoir_size == 0 and self.rule.fixed_rate == 0


@dataclass
class RouteForecast:
    """One route's part, over the whole traffic; `errors` are its requests that were answered 5xx."""

    route: str
    requests: float = 0.0
    traces: float = 0.0
    errors: float = 0.0
    errors_traced: float = 0.0
    left_out: float = 0.0
    """Requests under rules that sample nothing, on purpose."""
    rules: list[str] = field(default_factory=list)
    unseen: float = 1.0

    @property
    def is_left_out(self) -> bool:
        """Tell whether every request of it is left out on purpose."""
        return self.left_out == self.requests > 0

    @property
    def is_blind(self) -> bool:
        """Tell whether the route is a blind spot that nobody asked for."""
        return self.unseen >= BLIND_FROM and self.requests > 0 and not self.is_left_out


@dataclass
class Forecast:
    """What a list of rules samples of `traffic`, served by `workers`."""

    traffic: Traffic
    workers: int
    rules: list[RuleForecast]
    routes: list[RouteForecast]
    slots: Slots

    def per_second(self, amount: float) -> float:
        """Return an amount of the whole traffic as one a second."""
        return self.traffic.per_second(amount)

    @property
    def traces(self) -> float:
        """Traces over the whole traffic."""
        return sum(one.traces for one in self.rules)

    @property
    def traces_per_second(self) -> float:
        """Traces a second, on average."""
        return self.per_second(self.traces)

    def deviation_per_second(self, variance: float) -> float:
        """Return how far a day's average may be off (one standard deviation), in traces a second."""
        return math.sqrt(self.per_second(variance) / DAY_SECONDS)

    @property
    def blind(self) -> list[RouteForecast]:
        """The blind spots, those with most requests first."""
        return [one for one in self.routes if one.is_blind]

    @property
    def health_checks(self) -> tuple[float, float]:
        """Requests and traces of health checks, over the whole traffic."""
        checks = [one for one in self.routes if is_health_check(one.route)]
        return sum(one.requests for one in checks), sum(one.traces for one in checks)

    @property
    def routes_never_seen(self) -> float:
        """How many routes are expected to be requested on a day and not traced once, left-out ones aside."""
        day = DAY_SECONDS / self.traffic.duration
        return sum(
            one.unseen * -math.expm1(-one.requests * day) for one in self.routes if not one.is_left_out
        )


def forecast(
    traffic: Traffic, rules: Sequence[SamplingRule], decided_by: Sequence[str], workers: int
) -> Forecast:
    """Return what `rules` sample of `traffic`; `decided_by` has, for each class, its rule's name."""
    parts = [RuleForecast(rule) for rule in rules]
    position = {part.rule.rule_name: number for number, part in enumerate(parts)}
    rule_of = [position[name] for name in decided_by]
    slots = Slots.over(traffic, len(parts))
    if traffic.seconds is None:
        shares = _at_random(traffic, parts, rule_of, workers, slots)
    else:
        shares = _second_by_second(traffic.seconds, parts, rule_of, workers, slots)
    for part in parts:
        part.borrowed = borrowed_at_start(
            traffic.per_second(part.requests), part.rule.reservoir_size, workers
        )
    return Forecast(traffic, workers, parts, _routes(traffic, parts, rule_of, shares), slots)


def _at_random(
    traffic: Traffic, parts: list[RuleForecast], rule_of: Sequence[int], workers: int, slots: Slots
) -> list[float]:
    """Fill in `parts` and return each class's traces: those of a rule fall on its requests evenly."""
    duration = traffic.duration
    for one, number in zip(traffic.classes, rule_of, strict=True):
        parts[number].requests += one.requests
    for number, part in enumerate(parts):
        rule = part.rule
        sampled = of_poisson(part.requests / duration, rule.reservoir_size, rule.fixed_rate, workers)
        part.by_reservoir = sampled.by_reservoir * duration
        part.by_rate = sampled.by_rate * duration
        part.variance = sampled.variance * duration
        slots.add_evenly(number, part.traces)
    return [
        one.requests * parts[number].traces / parts[number].requests if one.requests else 0.0
        for one, number in zip(traffic.classes, rule_of, strict=True)
    ]


def _second_by_second(
    seconds: Seconds, parts: list[RuleForecast], rule_of: Sequence[int], workers: int, slots: Slots
) -> list[float]:
    """Fill in `parts` and return each class's traces: those of a rule's second fall on it evenly."""
    traces = [0.0] * len(rule_of)
    seconds_of = [_SecondsOf(part.rule, workers) for part in parts]
    for second, pairs in seconds:
        slot = slots.number_of(second)
        requests: dict[int, int] = {}
        numbers, counts = pairs[::2], pairs[1::2]
        for number, count in zip(numbers, counts, strict=True):
            rule = rule_of[number]
            requests[rule] = requests.get(rule, 0) + count
        share = {}
        for rule, count in requests.items():
            known = seconds_of[rule]
            sampled, share[rule] = known[count]
            known.met[count] += 1
            slots.traces[rule][slot] += sampled
        for number, count in zip(numbers, counts, strict=True):
            traces[number] += count * share[rule_of[number]]
    for part, known in zip(parts, seconds_of, strict=True):
        for count, times in known.met.items():
            one = of_count(count, part.rule.reservoir_size, part.rule.fixed_rate, workers)
            part.requests += times * one.requests
            part.by_reservoir += times * one.by_reservoir
            part.by_rate += times * one.by_rate
            part.variance += times * one.variance
    return traces


class _SecondsOf(dict[int, tuple[float, float]]):
    """Of one rule, by a second's number of requests: its traces, and of these a request's share.

    `met` counts how many seconds had that number.
    """

    def __init__(self, rule: SamplingRule, workers: int) -> None:
        super().__init__()
        self.met: Counter[int] = Counter()
        self._rule, self._workers = rule, workers

    def __missing__(self, count: int) -> tuple[float, float]:
        one = of_count(count, self._rule.reservoir_size, self._rule.fixed_rate, self._workers)
        self[count] = (one.traces, one.traces / count)
        return self[count]


def _routes(
    traffic: Traffic, parts: Sequence[RuleForecast], rule_of: Sequence[int], traces: Sequence[float]
) -> list[RouteForecast]:
    """Return the routes, those with most requests first."""
    routes: dict[str, RouteForecast] = {}
    for one, number, sampled in zip(traffic.classes, rule_of, traces, strict=True):
        route = routes.setdefault(one.route, RouteForecast(one.route))
        route.requests += one.requests
        route.traces += sampled
        if one.is_error:
            route.errors += one.requests
            route.errors_traced += sampled
        if parts[number].samples_nothing:
            route.left_out += one.requests
        if parts[number].rule.rule_name not in route.rules:
            route.rules.append(parts[number].rule.rule_name)
    day = DAY_SECONDS / traffic.duration
    for route in routes.values():
        route.unseen = unseen(route.requests * day, route.traces * day)
    return sorted(routes.values(), key=lambda route: (-route.requests, route.route))
