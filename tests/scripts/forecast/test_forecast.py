"""The forecast of whole lists of rules, against a simulation of every request."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from scripts.forecast import rates, reading
from scripts.forecast.forecast import Forecast, forecast
from tests.scripts.forecast.logs import BEGIN, DEFAULT, HEALTH, PREFIX, WEB, classes, common
from xray.forecast.simulation import simulate
from xray.sampling import SamplingRule, sort_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scripts.forecast.traffic import Traffic

DAY = 86_400
RULES = (WEB, HEALTH, DEFAULT)


def _made(traffic: Traffic, rules: Sequence[SamplingRule], workers: int, number: int = 0) -> Forecast:
    ordered = sort_rules(rules)
    return forecast(traffic, ordered, [one.decided_by[number] for one in traffic.classes], workers)


def _at_rates(text: str, *rules: SamplingRule, workers: int = 2) -> Forecast:
    listed = rules or RULES
    return _made(rates.traffic("ROUTES", rates.from_text(text), classes(listed)), listed, workers)


@pytest.fixture
def bursty(tmp_path: Path) -> Path:
    """A log with quiet and busy seconds, and a rare route in the quiet ones."""
    random = Random(5)
    lines = []
    for second in range(1200):
        busy = random.choice([0, 1, 3, 40])
        lines += [common(BEGIN + second, "GET /home HTTP/1.1")] * busy
        lines += [common(BEGIN + second, "POST /home HTTP/1.1", 500)] * (busy // 10)
        if busy < 3 and random.random() < 0.2:
            lines.append(common(BEGIN + second, "GET /rare HTTP/1.1"))
        lines.append(common(BEGIN + second, "GET /health HTTP/1.1"))
    (tmp_path / "log").write_text("\n".join(lines))
    return tmp_path / "log"


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_logs_forecast_is_what_a_simulation_of_its_requests_gives(bursty: Path, workers: int) -> None:
    """By rule within four standard deviations, and by route: the rare one gets its quiet seconds' share."""
    traffic = reading.read(str(bursty), classes(RULES))
    made = _made(traffic, RULES, workers)
    assert traffic.seconds is not None
    ours = {n for n, one in enumerate(traffic.classes) if one.decided_by[0] == WEB.rule_name}
    seconds = []
    for _, pairs in traffic.seconds:
        counts = zip(pairs[::2], pairs[1::2], strict=True)
        seconds.append([number for number, count in counts for _ in range(count) if number in ours])
    random, rounds = Random(9), 12
    by_reservoir, by_rate = simulate(seconds * rounds, WEB.reservoir_size, WEB.fixed_rate, workers, random)
    part = next(one for one in made.rules if one.rule == WEB)
    counted = sum(by_reservoir.values()) + sum(by_rate.values())
    assert abs(counted / rounds - part.traces) <= 4 * math.sqrt(part.variance / rounds)
    for number in ours:
        route = next(one for one in made.routes if one.route == traffic.classes[number].route)
        simulated = (by_reservoir[number] + by_rate[number]) / rounds
        assert simulated == pytest.approx(route.traces, rel=0.1, abs=4 * math.sqrt(route.requests / rounds))
    rare = next(one for one in made.routes if one.route == "GET /rare")
    home = next(one for one in made.routes if one.route == "GET /home")
    assert rare.traces / rare.requests > 2 * home.traces / home.requests


def test_nothing_is_lost_between_rules_routes_and_the_picture(bursty: Path) -> None:
    """Each sums up to the same requests and the same traces."""
    made = _made(reading.read(str(bursty), classes(RULES)), RULES, 3)
    assert sum(part.requests for part in made.rules) == made.traffic.requests
    assert sum(route.requests for route in made.routes) == made.traffic.requests
    assert sum(route.traces for route in made.routes) == pytest.approx(made.traces)
    assert sum(map(sum, made.slots.traces)) == pytest.approx(made.traces)
    errors = next(one for one in made.routes if one.errors)
    assert (errors.route, errors.errors) == ("POST /home", errors.requests)
    assert errors.errors_traced == pytest.approx(errors.traces)


def test_steady_rates_are_divided_among_routes_by_their_requests() -> None:
    """A rule's traces fall on its routes as its requests do; health checks are left out."""
    made = _at_rates("GET /a=30/s, GET /b=10/s, GET /health=1/s", workers=1)
    a, b, health = made.routes
    assert (a.route, b.route, health.route) == ("GET /a", "GET /b", "GET /health")
    assert a.traces == pytest.approx(3 * b.traces)
    assert made.per_second(a.traces + b.traces) == pytest.approx(5 + 0.1 * 35, rel=1e-3)
    assert health.is_left_out
    assert not health.is_blind
    assert made.health_checks == (DAY, 0)


def test_requests_that_no_rule_of_ours_matches_are_left_to_default() -> None:
    """A rule for another service takes none: backend-flash is not backend-flask."""
    wrong = replace(WEB, service_name="backend-flash")
    made = _at_rates("GET /a=10/s", wrong, DEFAULT, workers=1)
    parts = {part.rule.rule_name: part for part in made.rules}
    assert parts[WEB.rule_name].requests == 0
    assert parts["Default"].requests == 10 * DAY
    assert made.traces_per_second == pytest.approx(1 + 0.05 * 9, rel=1e-3)


def test_rules_that_sdks_pass_over_decide_nothing() -> None:
    """A rule with attributes stands first, and is not asked."""
    passed_over = SamplingRule(f"{PREFIX}gold", 1, 1.0, 100, attributes={"tier": "gold"})
    made = _at_rates("GET /a=10/s", passed_over, WEB, DEFAULT)
    assert next(part for part in made.rules if part.rule == passed_over).requests == 0


def test_a_host_counts_where_it_is_known() -> None:
    """Without one, a rule that asks for a host matches nothing; HOST stands for it."""
    rule = SamplingRule(f"{PREFIX}api", 1, 1.0, 0, host="api.*")
    for host, expected in (("", DEFAULT), ("api.example.com", rule)):
        known = classes([rule, DEFAULT], host=host)
        traffic = rates.traffic("ROUTES", rates.from_text("GET /a=1/s"), known)
        assert traffic.classes[0].decided_by == (expected.rule_name,)


def test_a_rare_route_may_be_a_blind_spot() -> None:
    """Ten requests a day among many others at 1 % are not likely to be seen; the same at 50 % are."""
    low = replace(WEB, fixed_rate=0.01, reservoir_size=0)
    made = _at_rates("GET /busy=100/s, GET /rare=10/d", low, DEFAULT)
    (rare,) = made.blind
    assert rare.route == "GET /rare"
    assert rare.unseen == pytest.approx((math.exp(-0.1) - math.exp(-10)) / (1 - math.exp(-10)))
    assert made.routes_never_seen == pytest.approx(math.exp(-0.1) - math.exp(-10))
    assert _at_rates("GET /busy=100/s, GET /rare=10/d", replace(low, fixed_rate=0.5), DEFAULT).blind == []


def test_what_workers_borrow_at_the_start() -> None:
    """A trace a second each for ten seconds, where there is a reservoir; the health checks' rule has none."""
    made = _at_rates("GET /a=100/s, GET /health=100/s", workers=4)
    borrowed = {part.rule.rule_name: part.borrowed for part in made.rules}
    assert borrowed == {WEB.rule_name: pytest.approx(40), HEALTH.rule_name: 0, "Default": 0}


def test_two_lists_of_rules_are_forecast_of_one_reading(tmp_path: Path) -> None:
    """The same traffic under both; one path, decided by different rules, is one route."""
    special = SamplingRule(f"{PREFIX}one", 1, 1.0, 0, url_path="/orders/1")
    lists = ([special, WEB, DEFAULT], [WEB, DEFAULT])
    lines = [common(BEGIN, f"GET /orders/{number} HTTP/1.1") for number in (1, 2, 3)]
    (tmp_path / "log").write_text("\n".join(lines))
    traffic = reading.read(str(tmp_path / "log"), classes(*lists))
    after, before = (_made(traffic, rules, 1, number) for number, rules in enumerate(lists))
    assert [route.rules for route in after.routes] == [[special.rule_name, WEB.rule_name]]
    assert [route.rules for route in before.routes] == [[WEB.rule_name]]
    assert {part.rule.rule_name: part.requests for part in after.rules} == {
        special.rule_name: 1,
        WEB.rule_name: 2,
        "Default": 0,
    }


def test_the_day_is_drawn_by_its_hours(tmp_path: Path) -> None:
    """Two days lie upon each other, each slot divided by the seconds that it has of both."""
    hour = 3600
    seconds = [*range(BEGIN + 10 * hour, BEGIN + 11 * hour), *range(BEGIN + 34 * hour, BEGIN + 35 * hour)]
    lines = [common(BEGIN), *(common(second) for second in seconds), common(BEGIN + 2 * DAY - 1)]
    (tmp_path / "log").write_text("\n".join(lines))
    made = _made(reading.read(str(tmp_path / "log"), classes([WEB, DEFAULT])), [WEB, DEFAULT], 1)
    drawn = made.slots.per_second(0)
    assert made.slots.is_a_day
    assert drawn[40:44] == [pytest.approx(1.0)] * 4
    assert sum(drawn[44:94]) == 0
    assert sum(made.slots.covered) == 2 * DAY
