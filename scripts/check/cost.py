"""What the rules will cost: of given traffic what they are forecast to sample, else their most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts import routes
from scripts.forecast import costs, prices, rates, reading
from scripts.forecast.classes import Classes, Service
from scripts.forecast.forecast import forecast
from scripts.forecast.numbers import amount, money, per_second, percent
from scripts.verify.check import Result, Status, failed, passed
from xray.audit import deciders
from xray.sampling import DEFAULT_RULE_NAME, sort_rules

if TYPE_CHECKING:
    from scripts.check.subject import Subject
    from scripts.forecast.costs import Costs
    from scripts.forecast.prices import Prices
    from scripts.forecast.traffic import Traffic
    from xray.audit import Sender

CHECK_ID = "cost"


@dataclass(frozen=True)
class Terms:
    """What the cost rests on: a file of traffic, or rates by route, or else requests a second at most."""

    traffic: str = ""
    routes: str = ""
    rate: float = 100.0
    workers: int = 2
    budget: float | None = None

    @property
    def has_traffic(self) -> bool:
        """Tell whether the traffic is given, by route."""
        return bool(self.traffic or self.routes)


def result(subject: Subject, sender: Sender, terms: Terms) -> Result:
    """Return the check of the cost. Raises OperatorError for traffic that can't be read."""
    expected = "any: no BUDGET is given"
    price_list = prices.load()
    if terms.budget is not None:
        expected = f"at most {price_list.currency} {money(terms.budget)} a month"
    if subject.broken or subject.unknown:
        why = "; ".join((*subject.broken, *subject.unknown))
        return Result(
            CHECK_ID, Status.SKIP, expected, f"rules aren't known: {why}", "correct the rules first"
        )
    usage = costs.Usage(groups=max(1, len(subject.groups)))
    if terms.has_traffic:
        traces, said = _forecast(subject, sender, terms)
    else:
        traces = most_traces_per_second(subject, sender, terms.rate)
        said = (
            f"at most {amount(traces * costs.MONTH_SECONDS)} traces a month, {per_second(traces)},"
            f" at {terms.rate:g} requests a second"
        )
    cost = costs.of(traces, usage, price_list)
    actual = f"{_priced(cost, price_list)}: {said}"
    if terms.budget is not None and cost.total > terms.budget:
        remedy = "lower fixed_rate or reservoir_size; `make forecast BUDGET=...` proposes rules within it"
        return failed(CHECK_ID, expected, actual, remedy)
    return passed(CHECK_ID, expected, actual)


def _priced(cost: Costs, price_list: Prices) -> str:
    currency = price_list.currency
    return f"X-Ray {currency} {money(cost.xray)}, Honeycomb {currency} {money(cost.honeycomb)} a month"


def most_traces_per_second(subject: Subject, sender: Sender, rate: float) -> float:
    """Return the most that is sampled of `rate` requests a second, however they fall under the rules.

    A second's requests fill the reservoirs first; each further one is sampled with the highest of the rates.
    Only rules count under which this backend's requests may fall. What workers borrow until they have their
    first quotas, some seconds after each start, comes on top.
    """
    every = {
        rule.rule_name: rule
        for route in routes.requested()
        for rule in deciders(subject.with_default, sender, route)
    }
    reservoirs = min(rate, float(sum(rule.reservoir_size for rule in every.values())))
    return reservoirs + (rate - reservoirs) * max((rule.fixed_rate for rule in every.values()), default=0.0)


def _forecast(subject: Subject, sender: Sender, terms: Terms) -> tuple[float, str]:
    """Return the traces a second that are forecast, and how that is said, Default's share with it."""
    rules = sort_rules(subject.with_default)
    service = Service(sender.service_name, sender.service_type or "", sender.host or "")
    classes = Classes(service, [rules])
    traffic: Traffic
    if terms.routes:
        traffic = rates.traffic("ROUTES", rates.from_text(terms.routes), classes)
    else:
        traffic = reading.read(terms.traffic, classes)
    made = forecast(traffic, rules, [one.decided_by[0] for one in traffic.classes], terms.workers)
    left = sum(part.requests for part in made.rules if part.rule.rule_name == DEFAULT_RULE_NAME)
    asked = traffic.requests
    return made.traces_per_second, (
        f"{per_second(made.traces_per_second)} traced of {per_second(made.per_second(asked))},"
        f" {len(made.blind)} blind spots, Default decides {percent(left / asked)} of the requests"
        f" ({traffic.source})"
    )
