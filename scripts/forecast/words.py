"""What is to be said in sentences, the same in every form of report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.forecast.costs import MONTH_DAYS, RETRIEVED_PER_QUERY
from scripts.forecast.numbers import amount, money, per_second, percent
from xray.forecast.expectation import BORROWED_PER_SECOND, FIRST_INTERVAL_SECONDS
from xray.sampling import DEFAULT_RULE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.forecast.forecast import Forecast
    from scripts.forecast.result import Result

NAMED_MAX = 10


def findings(result: Result) -> Iterator[str]:
    """Yield what else is to be known: the start, Default, rare routes, health checks, errors."""
    made = result.proposed.forecast
    rules = [part for part in made.rules if part.rule.reservoir_size and part.requests]
    most = made.workers * FIRST_INTERVAL_SECONDS * BORROWED_PER_SECOND * len(rules)
    borrowed = sum(part.borrowed for part in rules)
    yield (
        f"start: until the first quotas ({FIRST_INTERVAL_SECONDS} s) {made.workers} workers borrow a trace a"
        f" second each, by rule: about {amount(borrowed)} traces, at most {most}; without X-Ray's answers it"
        " goes on so"
    )
    default = next((part for part in made.rules if part.rule.rule_name == DEFAULT_RULE_NAME), None)
    if default is not None:
        left = made.per_second(default.requests)
        share = default.requests / made.traffic.requests
        yield f"Default: {per_second(left)} ({percent(share)} of the requests) is left to it"
    requests, traces = made.health_checks
    if requests:
        yield (
            f"health checks: {per_second(made.per_second(requests))}, of which"
            f" {per_second(made.per_second(traces))} traced"
        )
    else:
        yield "health checks: none in this traffic (a load balancer's log has none)"
    yield blind_line(made)
    errors = sum(route.errors for route in made.routes)
    if errors:
        traced = sum(route.errors_traced for route in made.routes)
        yield (
            f"errors: of {amount(errors)} requests answered 5xx, {amount(traced)}"
            f" ({percent(traced / errors)}) are expected to be traced: which ones fail isn't known when they"
            " are decided"
        )


def blind_line(made: Forecast) -> str:
    """Return which routes are not seen."""
    blind = made.blind
    left_out = [route.route for route in made.routes if route.is_left_out]
    line = (
        f"rare routes: of {len(made.routes)} routes {amount(made.routes_never_seen)} are expected to be"
        f" requested on a day and never traced; {len(blind)} are blind spots (no trace is likelier than one)"
    )
    if blind:
        line += f": {named([route.route for route in blind])}"
    if left_out:
        line += f"; left out on purpose: {named(left_out)}"
    return line


def named(names: list[str]) -> str:
    """Return the first ten names, and how many more there are."""
    more = len(names) - NAMED_MAX
    return ", ".join(names[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def assumptions(result: Result) -> Iterator[str]:
    """Yield what the figures rest on."""
    made, usage = result.proposed.forecast, result.usage
    yield f"traffic: {made.traffic.source}; {made.workers} workers, a request to each as likely as to another"
    yield (
        f"a month has {MONTH_DAYS:.1f} days; a trace has {amount(usage.spans)} spans and"
        f" {amount(usage.events)} span events and links, each an event of Honeycomb's; what isn't sampled is"
        " sent nowhere"
    )
    yield (
        f"X-Ray counts a trace as retrieved once for each of {usage.groups} groups that it matches, and for"
        f" {amount(usage.queries_per_day)} queries a day, each of which scans the last hour and retrieves"
        f" {RETRIEVED_PER_QUERY}"
    )
    plan = next(plan for plan in result.prices.plans if plan.name == result.proposed.costs.plan)
    recorded = result.prices.recorded
    yield f"prices in {result.prices.currency}: {recorded.source}, read on {recorded.read_on}"
    yield (
        f"Honeycomb, {plan.name}: {plan.source}, read on {plan.read_on}"
        + (f"; {plan.assumption}" if plan.assumption else "")
    )


def budget_lines(result: Result) -> Iterator[str]:
    """Yield what a budget leads to; nothing where none was given."""
    if result.budget is None:
        return
    currency, total = result.prices.currency, result.proposed.costs.total
    verdict = "over" if result.is_over_budget else "within"
    yield (
        f"budget: {currency} {money(result.budget)} a month; the proposed rules cost {money(total)}, which is"
        f" {verdict} it"
    )
    if result.within is None:
        yield "no rules keep within it: what is paid in any case is more"
        return
    within = result.within
    yield (
        f"rules within it: {per_second(within.forecast.traces_per_second)} traced, {currency}"
        f" {money(within.costs.total)} a month (X-Ray {money(within.costs.xray)}, Honeycomb"
        f" {money(within.costs.honeycomb)}, plan {within.costs.plan})"
    )
    yield f"their blind spots: {blind_line(within.forecast)}"
    yield (
        "whatever the rules, they decide before a request is served: no rule can keep errors or slow requests"
        " alone"
    )


def summary(result: Result) -> str:
    """Return the last line."""
    made, cost = result.proposed.forecast, result.proposed.costs
    currency = result.prices.currency
    return (
        f"forecast {result.environment}: {per_second(made.traces_per_second)} traced of"
        f" {per_second(made.per_second(made.traffic.requests))}; X-Ray {currency} {money(cost.xray)},"
        f" Honeycomb {currency} {money(cost.honeycomb)} a month; {len(made.blind)} blind spots"
        + (", over budget" if result.is_over_budget else "")
        + (f", more than {result.blind_limit}" if result.is_too_blind else "")
    )
