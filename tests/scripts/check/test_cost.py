"""What the rules cost: the most they can, or what given traffic leads to."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from scripts.check import engine
from scripts.check.cost import Terms, most_traces_per_second
from scripts.check.subject import Subject, configured
from scripts.errors import OperatorError
from tests.scripts.check.subjects import NAME, by_id, document, read, resource, with_rules
from xray.audit import Sender
from xray.forecast.simulation import simulate
from xray.sampling import SamplingRule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scripts.terragrunt.render import Unit

US = Sender(NAME)


@pytest.mark.parametrize(
    ("rate", "most"), [(0.0, 0.0), (3.0, 3.0), (5.0, 5.0), (100.0, 5 + 9.5), (1e6, 5 + 99_999.5)]
)
def test_the_most_of_the_repositorys_rules(units: Mapping[str, Unit], rate: float, most: float) -> None:
    """The reservoir of five first, then a tenth; Default decides nothing of this backend's."""
    assert most_traces_per_second(configured(units), US, rate) == pytest.approx(most)


@pytest.mark.parametrize("seed", range(5))
def test_no_traffic_brings_more(seed: int) -> None:
    """Whatever routes are requested, all workers together sample at most that, in every second."""
    random = Random(seed)
    rules = tuple(
        SamplingRule(name, priority, random.choice([0.0, 0.5, 1.0]), random.randrange(9), url_path=path)
        for priority, (name, path) in enumerate([("a", "/api/a*"), ("b", "/api/m*"), ("c", "*")], start=1)
    )
    subject = Subject("", "env.hcl", NAME, rules=rules)
    requests = 40
    most = most_traces_per_second(subject, US, requests)
    for _ in range(50):
        shares = [random.random() for _ in rules]
        parts = [int(requests * share / sum(shares)) for share in shares]
        traces = 0.0
        for rule, part in zip(rules, parts, strict=True):
            reservoir, rate = simulate([[0] * part], rule.reservoir_size, rule.fixed_rate, 1, random)
            traces += reservoir.total() + rate.total() if rule.fixed_rate in (0.0, 1.0) else 0.0
        assert traces <= most


def test_a_budget(units: Mapping[str, Unit]) -> None:
    """Kept at a low rate of requests, exceeded at a high one, with what to do."""
    kept = by_id(engine.run(units, terms=Terms(rate=10, budget=1000)))["cost"]
    assert (kept.status, kept.expected) == ("pass", "at most USD 1,000.00 a month")
    assert "at 10 requests a second" in kept.actual
    over = by_id(engine.run(units, terms=Terms(rate=1e5, budget=1000)))["cost"]
    assert (over.status, "make forecast BUDGET" in over.remedy) == ("fail", True)


def test_given_traffic_is_forecast(units: Mapping[str, Unit]) -> None:
    """By route: what is traced, blind spots, and what Default decides."""
    terms = Terms(routes="GET /api/activities/home=20/s, GET /health=1/s")
    result = by_id(engine.run(units, terms=terms))["cost"]
    assert "6.50/s traced of 21.0/s" in result.actual
    assert "0 blind spots, Default decides 0" in result.actual
    other = with_rules(units, service={"service_name": "Cruddur"})
    assert "Default decides 95" in by_id(engine.run(other, terms=terms))["cost"].actual


def test_a_log_is_traffic_too(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """As forecast reads it; one that can't be read is an error and no pass."""
    csv = tmp_path / "rates.csv"
    csv.write_text("route,requests_per_second\nGET /api/activities/home,2\n")
    assert "1.89/s traced of 2.00/s" in by_id(engine.run(units, terms=Terms(traffic=str(csv))))["cost"].actual
    csv.write_text("nothing")
    with pytest.raises(OperatorError):
        engine.run(units, terms=Terms(traffic=str(csv)))


def test_the_plans_rules_cost(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """Where a plan has rules the cost is theirs, not the configuration's."""
    plan = document("xray-create")
    resource(plan, f'aws_xray_sampling_rule.this["{NAME}"]')["fixed_rate"] = 1
    result = by_id(engine.run(units, read(tmp_path, plan), terms=Terms(rate=50)))["cost"]
    assert "50.0/s, at 50 requests a second" in result.actual
