"""The forecast as JSON, for machines. Rates are a second, costs a month."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scripts.forecast.costs import Costs
    from scripts.forecast.forecast import Forecast, RouteForecast, RuleForecast
    from scripts.forecast.prices import Prices
    from scripts.forecast.result import Result


def to_json(result: Result) -> str:
    """Return the whole result; its shape is part of the command's contract."""
    made = result.proposed.forecast
    reading = made.traffic.reading
    document: dict[str, Any] = {
        "environment": result.environment,
        "traffic": {
            "source": made.traffic.source,
            "seconds": made.traffic.duration,
            "requests": made.traffic.requests,
            "lines": reading.lines,
            "broken": reading.broken,
            "broken_lines": reading.broken_lines,
            "left_aside": reading.aside,
        },
        "workers": made.workers,
        "proposed": _sampling(made, result.proposed.costs),
        "applied": None
        if result.applied is None
        else _sampling(result.applied.forecast, result.applied.costs),
        "budget": _budget(result),
        "blind_limit": result.blind_limit,
        "usage": asdict(result.usage),
        "prices": _prices(result.prices),
        "notes": list(result.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _sampling(made: Forecast, costs: Costs) -> dict[str, Any]:
    requests, traces = made.health_checks
    return {
        "traces_per_second": made.traces_per_second,
        "rules": [_rule(made, part) for part in made.rules],
        "routes": [_route(made, route) for route in made.routes],
        "routes_never_seen_per_day": made.routes_never_seen,
        "blind_spots": [route.route for route in made.blind],
        "health_checks": {
            "requests_per_second": made.per_second(requests),
            "traces_per_second": made.per_second(traces),
        },
        "costs": _costs(costs),
    }


def _rule(made: Forecast, part: RuleForecast) -> dict[str, Any]:
    return {
        "name": part.rule.rule_name,
        "priority": part.rule.priority,
        "reservoir_size": part.rule.reservoir_size,
        "fixed_rate": part.rule.fixed_rate,
        "requests_per_second": made.per_second(part.requests),
        "by_reservoir_per_second": made.per_second(part.by_reservoir),
        "by_rate_per_second": made.per_second(part.by_rate),
        "traces_per_second": made.per_second(part.traces),
        "standard_deviation_of_a_day": made.deviation_per_second(part.variance),
        "borrowed_at_start": part.borrowed,
    }


def _route(made: Forecast, route: RouteForecast) -> dict[str, Any]:
    return {
        "route": route.route,
        "rules": route.rules,
        "requests_per_second": made.per_second(route.requests),
        "traces_per_second": made.per_second(route.traces),
        "errors": route.errors,
        "errors_traced": route.errors_traced,
        "unseen_on_a_day": route.unseen,
        "left_out": route.is_left_out,
        "blind": route.is_blind,
    }


def _costs(costs: Costs) -> dict[str, Any]:
    return {
        "items": [asdict(item) for item in costs.items],
        "xray": costs.xray,
        "honeycomb": costs.honeycomb,
        "honeycomb_plan": costs.plan,
        "total": costs.total,
    }


def _budget(result: Result) -> dict[str, Any] | None:
    if result.budget is None:
        return None
    within = result.within
    return {
        "amount": result.budget,
        "exceeded": result.is_over_budget,
        "rules": None if within is None else [rule.to_api() for rule in within.rules],
        "hcl": result.hcl,
        "sampling": None if within is None else _sampling(within.forecast, within.costs),
    }


def _prices(prices: Prices) -> dict[str, Any]:
    document = asdict(prices)
    for plan in document["plans"]:
        # JSON has no infinity: null is a plan without an end.
        if plan["events_at_most"] == float("inf"):
            plan["events_at_most"] = None
    return document
