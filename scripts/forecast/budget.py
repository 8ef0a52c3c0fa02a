"""The other way round: rules that keep within a budget, and what they don't see.

Rare routes share one rule with a reservoir, so that a trace a second of them is kept however little the
budget allows. Each busy route gets a rule of its own with a rate alone: it can't use up the reservoir, and
every busy route brings the same number of traces, or all where it has fewer. Nothing here is random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scripts.forecast import costs
from scripts.forecast.classes import rule_for
from scripts.forecast.forecast import Forecast, forecast
from scripts.forecast.routes import pattern_of
from xray.names import RULE_NAME_MAX_CHARACTERS
from xray.sampling import RULES_MAX, SamplingRule, ignored_by_sdks, sort_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scripts.forecast.costs import Costs, Usage
    from scripts.forecast.prices import Prices

BUSY_RULES_MAX = 20
"""Of X-Ray's 25 rules for an account and region, beside what is there already."""
RARE_SHARE = 0.5
RATE_STEP = 1_000_000
_PRIORITY_MAX = 9999


@dataclass(frozen=True)
class Proposal:
    """Rules within a budget: ours alone, what they sample, and what that costs."""

    budget: float
    rules: tuple[SamplingRule, ...]
    replaced: tuple[str, ...]
    forecast: Forecast
    costs: Costs


@dataclass(frozen=True)
class Ours:
    """How the service's rules are called: the one for everything, and what all of them begin with."""

    rule_name: str
    prefix: str
    service_name: str


def propose(present: Forecast, ours: Ours, budget: float, usage: Usage, prices: Prices) -> Proposal | None:
    """Return rules for the traffic of *present* that cost *budget* a month or less; None where none do.

    Rules of *present* that sample nothing, and others' rules, stay; the rest of ours is replaced.
    """
    rules = [part.rule for part in present.rules]
    mine = [rule for rule in rules if rule.rule_name.startswith(ours.prefix)]
    left_out = [rule for rule in mine if rule.reservoir_size == 0 and rule.fixed_rate == 0]
    others = [rule for rule in rules if rule not in mine]
    eligible = sum(part.requests for part in present.rules if not part.samples_nothing)
    most = costs.most_traces_per_second(budget, usage, prices, present.per_second(eligible))
    if most is None:
        return None
    made = _busy_rules(present, ours, left_out, others, most)
    for reservoir in (present.workers, 1, 0):
        rare = replace(_rare(ours, left_out, made), reservoir_size=reservoir)
        bare = _forecast(present, [*left_out, *made, rare], others)
        taken = sum(part.by_reservoir for part in bare.rules)
        fixed = bare.per_second(bare.traces)
        if fixed <= most and (reservoir == 0 or present.per_second(taken) <= RARE_SHARE * most):
            break
    else:
        return None
    filled = _filled([*made, rare], bare, most - fixed)
    result = _forecast(present, [*left_out, *filled], others)
    kept = {rule.rule_name for rule in (*left_out, *filled)}
    replaced = tuple(rule.rule_name for rule in mine if rule.rule_name not in kept)
    return Proposal(
        budget,
        tuple(sort_rules([*left_out, *filled])),
        replaced,
        result,
        costs.of(result.traces_per_second, usage, prices),
    )


def _busy_rules(
    present: Forecast,
    ours: Ours,
    left_out: Sequence[SamplingRule],
    others: Sequence[SamplingRule],
    most: float,
) -> list[SamplingRule]:
    """Return a rule for each busy route: as few as leave at most half of what is paid for to the rest."""
    places = min(BUSY_RULES_MAX, RULES_MAX - len(left_out) - len(others))
    routes = [route for route in present.routes if not route.is_left_out]
    rest = present.per_second(sum(route.requests for route in routes))
    found: list[tuple[str, str]] = []
    for route in routes if rest > most else []:
        if rest <= RARE_SHARE * most or len(found) >= places:
            break
        pattern = pattern_of(route.route)
        if pattern is not None and pattern not in found:
            found.append(pattern)
            rest -= present.per_second(route.requests)
    # The more exact pattern first: `*` runs over slashes, too.
    found.sort(key=lambda pattern: (pattern[1].count("*"), -len(pattern[1]), pattern))
    first = _first_priority(left_out, len(found))
    return [
        SamplingRule(
            f"{ours.prefix}busy-{number + 1}"[:RULE_NAME_MAX_CHARACTERS],
            first + number,
            fixed_rate=0.0,
            reservoir_size=0,
            service_name=ours.service_name,
            http_method=method,
            url_path=path,
        )
        for number, (method, path) in enumerate(found)
    ]


def _first_priority(left_out: Iterable[SamplingRule], count: int) -> int:
    return min(max((rule.priority for rule in left_out), default=8999) + 1, _PRIORITY_MAX - count)


def _rare(ours: Ours, left_out: Sequence[SamplingRule], made: Sequence[SamplingRule]) -> SamplingRule:
    priority = _first_priority(left_out, len(made)) + len(made)
    return SamplingRule(ours.rule_name, priority, 0.0, 0, service_name=ours.service_name)


def _forecast(present: Forecast, mine: Sequence[SamplingRule], others: Sequence[SamplingRule]) -> Forecast:
    rules = sort_rules([*mine, *others])
    followed = [rule for rule in rules if ignored_by_sdks(rule) is None]
    decided_by = [rule_for(followed, one.example) for one in present.traffic.classes]
    return forecast(present.traffic, rules, decided_by, present.workers)


def _filled(rules: Sequence[SamplingRule], bare: Forecast, to_spend: float) -> list[SamplingRule]:
    """Give each rule the rate with which all bring the same number of traces, *to_spend* a second in all."""
    parts = {part.rule.rule_name: part for part in bare.rules}
    left = {
        rule.rule_name: bare.per_second(parts[rule.rule_name].requests - parts[rule.rule_name].by_reservoir)
        for rule in rules
    }
    each = _level(list(left.values()), max(0.0, to_spend))
    return [replace(rule, fixed_rate=_rate(each, left[rule.rule_name])) for rule in rules]


def _level(amounts: Sequence[float], total: float) -> float:
    """Return the level to which *amounts* can be filled: the sum of min(amount, level) is *total*."""
    rest, open_ones = total, sorted(amount for amount in amounts if amount > 0)
    for number, amount in enumerate(open_ones):
        level = rest / (len(open_ones) - number)
        if level <= amount:
            return level
        rest -= amount
    return math.inf


def _rate(level: float, requests: float) -> float:
    """Return a share that is rounded down, so that the sum stays within the budget."""
    return 1.0 if level >= requests else math.floor(level / requests * RATE_STEP) / RATE_STEP


def to_hcl(proposal: Proposal, ours: Ours) -> str:
    """Return the rules as the block that `env.hcl` takes; a replaced rule becomes null."""
    lines = ["sampling_rules = {"]
    for rule in proposal.rules:
        settings = [
            f"priority = {rule.priority}",
            f"reservoir_size = {rule.reservoir_size}",
            f"fixed_rate = {_plain(rule.fixed_rate)}",
        ]
        settings += [
            f"{name} = {_quoted(getattr(rule, name))}"
            for name in ("http_method", "url_path", "host", "service_type")
            if getattr(rule, name) != "*"
        ]
        lines.append(f"  {_quoted(_key(rule.rule_name, ours))} = {{ {', '.join(settings)} }}")
    lines += [f"  {_quoted(_key(name, ours))} = null" for name in proposal.replaced]
    return "\n".join([*lines, "}"]) + "\n"


def _key(name: str, ours: Ours) -> str:
    return "service" if name == ours.rule_name else name.removeprefix(ours.prefix)


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'
