"""From the command's options to the result: rules, traffic, both forecasts, and rules within a budget."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.forecast import budget, costs, prices, rates, reading, rules
from scripts.forecast.classes import Classes, Service
from scripts.forecast.forecast import Forecast, forecast
from scripts.forecast.result import Result, Sampling
from scripts.verify import expected

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from scripts.environment import Environment
    from scripts.forecast.traffic import Traffic
    from scripts.terragrunt.render import Unit
    from xray.sampling import SamplingRule

_OF_SERVICE = re.compile(r'\s*service\("([^"\\]+)"\)\s*')


def make(arguments: Namespace, opened: Environment, unit: Unit, *, workers: int) -> Result:
    """Return the result. Raises OperatorError for what can't be read."""
    price_list = prices.load(Path(arguments.prices) if arguments.prices else prices.FILE)
    asked = expected.xray(unit)
    service = Service(arguments.service or _service_name(asked.group), arguments.service_type, arguments.host)
    prefix = _prefix(unit.target.parameter_path)
    both = rules.lists(rules.configured(asked), rules.ask(opened, unit.target), prefix)
    known = [both.proposed, both.proposed if both.applied is None else both.applied]
    classes = Classes(service, known)
    if arguments.routes:
        traffic = rates.traffic("ROUTES", rates.from_text(arguments.routes), classes)
    else:
        traffic = reading.read(arguments.traffic, classes)
    usage = costs.Usage(
        spans=arguments.spans,
        events=arguments.events,
        queries_per_day=arguments.queries,
        groups_with_insights=int(asked.group.insights_enabled),
    )

    def sampling(made: Forecast) -> Sampling:
        return Sampling(made, costs.of(made.traces_per_second, usage, price_list))

    proposed = sampling(_of(traffic, both.proposed, 0, workers))
    applied = None
    if both.applied is not None:
        same = both.applied == both.proposed
        applied = proposed if same else sampling(_of(traffic, both.applied, 1, workers))
    within, hcl = None, ""
    if arguments.budget is not None:
        ours = budget.Ours(asked.group.name, prefix, service.name)
        within = budget.propose(proposed.forecast, ours, arguments.budget, usage, price_list)
        hcl = "" if within is None else budget.to_hcl(within, ours)
    return Result(
        environment=opened.name,
        proposed=proposed,
        applied=applied,
        prices=price_list,
        usage=usage,
        budget=arguments.budget,
        blind_limit=None if arguments.blind is None else int(arguments.blind),
        within=within,
        hcl=hcl,
        notes=(*both.notes, *_host_notes(both.proposed, service, traffic), *traffic.notes),
    )


def _of(traffic: Traffic, listed: Sequence[SamplingRule], number: int, workers: int) -> Forecast:
    return forecast(traffic, listed, [one.decided_by[number] for one in traffic.classes], workers)


def _service_name(group: expected.Group) -> str:
    """Return what the service calls itself: the name in the group's filter, else the group's own name."""
    found = _OF_SERVICE.fullmatch(group.filter_expression)
    return found[1] if found else group.name


def _prefix(parameter_path: str) -> str:
    """Return what the names of an environment's rules begin with, from ``/<project>/<env>/<service>``."""
    project, name, _ = parameter_path.strip("/").split("/")
    return f"{project}-{name}-"


def _host_notes(listed: Sequence[SamplingRule], service: Service, traffic: Traffic) -> Iterator[str]:
    if any(rule.host != "*" for rule in listed) and not all(one.example.host for one in traffic.classes):
        yield "requests without a host match no rule that asks for one: give HOST"
    if any(rule.service_type != "*" for rule in listed) and not service.type:
        yield "rules that ask for a service type match nothing here: give SERVICE_TYPE"
