"""Rules within a budget."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.forecast import budget, prices, rates, reading
from scripts.forecast.budget import Ours, Proposal
from scripts.forecast.costs import Usage
from scripts.forecast.forecast import Forecast, forecast
from tests.scripts.forecast.logs import BEGIN, DEFAULT, HEALTH, PREFIX, SERVICE, WEB, classes, common
from xray.sampling import SamplingRule, sort_rules, validate_rule

if TYPE_CHECKING:
    from pathlib import Path

PRICES = prices.load()
USAGE = Usage()
OURS = Ours(f"{PREFIX}backend", PREFIX, SERVICE)
BUSY = "GET /home=200/s, GET /feed=60/s, POST /post=9/s, GET /health=1/s"
RARE = ", ".join(f"GET /rare-{name}=40/d" for name in "abcdefgh")


def _present(text: str, *rules: SamplingRule, workers: int = 2) -> Forecast:
    listed = sort_rules(rules or (WEB, HEALTH, DEFAULT))
    traffic = rates.traffic("ROUTES", rates.from_text(text), classes(listed))
    return forecast(traffic, listed, [one.decided_by[0] for one in traffic.classes], workers)


def _proposed(present: Forecast, amount: float) -> Proposal:
    found = budget.propose(present, OURS, amount, USAGE, PRICES)
    assert found is not None
    return found


def test_rare_routes_are_kept_and_busy_ones_share_the_rest() -> None:
    """Each busy route has a rule of its own and brings the same number of traces; no rare one is blind."""
    found = _proposed(_present(f"{BUSY}, {RARE}"), 60)
    by_name = {part.rule.rule_name: part for part in found.forecast.rules}
    busy = [by_name[f"{PREFIX}busy-{number}"] for number in (1, 2, 3)]
    assert {(part.rule.http_method, part.rule.url_path) for part in busy} == {
        ("GET", "/home"),
        ("GET", "/feed"),
        ("POST", "/post"),
    }
    for one, other in pairwise(busy):
        assert one.traces == pytest.approx(other.traces, rel=1e-3)
    assert by_name[OURS.rule_name].rule.reservoir_size == 2
    assert found.forecast.blind == []
    assert found.replaced == (WEB.rule_name,)


def test_health_checks_stay_left_out_and_others_rules_stay() -> None:
    """A rule that samples nothing is kept as it is; a rule of somebody else's is not ours to change."""
    foreign = SamplingRule("somebody-elses", 10, 0.01, 1, url_path="/feed")
    present = _present(f"{BUSY}, {RARE}", WEB, HEALTH, foreign, DEFAULT)
    found = _proposed(present, 200)
    assert HEALTH in found.rules
    assert foreign not in found.rules
    theirs = next(part for part in found.forecast.rules if part.rule == foreign)
    assert theirs.by_rate > 0
    assert found.costs.total <= 200


def test_a_budget_for_all_takes_all() -> None:
    """One rule that samples everything, since that is paid for."""
    found = _proposed(_present("GET /a=0.01/s, GET /health=1/s"), 500)
    own = [rule for rule in found.rules if rule != HEALTH]
    assert [(rule.rule_name, rule.fixed_rate) for rule in own] == [(OURS.rule_name, 1.0)]
    assert found.forecast.traces == pytest.approx(0.01 * 86_400, rel=1e-6)


def test_what_costs_too_much_in_any_case_is_told() -> None:
    """Others' rules alone sample more than the budget pays for: there are no rules within it."""
    foreign = SamplingRule("somebody-elses", 10, 1.0, 0)
    present = _present("GET /a=1000/s", WEB, foreign, DEFAULT)
    assert budget.propose(present, OURS, 5, USAGE, PRICES) is None


def test_no_budget_leaves_the_free_part() -> None:
    """Nothing to pay still has X-Ray's free traces."""
    found = _proposed(_present(f"{BUSY}, {RARE}"), 0)
    assert found.costs.total == 0
    assert 0 < found.forecast.traces_per_second * 86_400 * 30.4 <= 100_000


@given(
    st.lists(st.tuples(st.sampled_from("abcdefghij"), st.floats(1e-4, 2000)), min_size=1, max_size=30),
    st.floats(0, 3000),
    st.integers(1, 8),
)
@settings(max_examples=60, deadline=None)
def test_proposed_rules_keep_to_the_budget_and_to_x_rays_limits(
    routes: list[tuple[str, float]], amount: float, workers: int
) -> None:
    """Whatever the traffic: no more is spent, X-Ray takes the rules, and the same input gives the same."""
    text = ", ".join(f"GET /{name}/{'x' * n}={rate:.6f}/s" for n, (name, rate) in enumerate(routes))
    present = _present(text, workers=workers)
    found = budget.propose(present, OURS, amount, USAGE, PRICES)
    assert found == budget.propose(present, OURS, amount, USAGE, PRICES)
    if found is not None:
        assert found.costs.total <= amount * (1 + 1e-6) + 1e-6
        assert len(found.rules) <= 25
        assert [problem for rule in found.rules for problem in validate_rule(rule)] == []
        assert len({rule.priority for rule in found.rules}) == len(found.rules)


def test_rules_from_a_log_match_the_routes_that_they_are_for(tmp_path: Path) -> None:
    """Names in routes become wildcards, exact patterns come first, what no pattern tells stays together."""
    lines = []
    for second in range(300):
        lines += [common(BEGIN + second, "GET /activities/home HTTP/1.1")] * 40
        lines += [common(BEGIN + second, f"GET /activities/{second * 7} HTTP/1.1")] * 20
        lines += [common(BEGIN + second, f"GET /scan-{second}.php HTTP/1.1", 404)] * 3
    (tmp_path / "log").write_text("\n".join(lines))
    listed = sort_rules([WEB, HEALTH, DEFAULT])
    traffic = reading.read(str(tmp_path / "log"), classes(listed))
    present = forecast(traffic, listed, [one.decided_by[0] for one in traffic.classes], 2)
    found = _proposed(present, 40)
    paths = [rule.url_path for rule in found.rules if rule.rule_name.startswith(f"{PREFIX}busy")]
    assert paths == ["/activities/home", "/activities/*"]
    rules = {route.route: route.rules for route in found.forecast.routes}
    assert rules["GET /activities/{number}"] == [f"{PREFIX}busy-2"]
    assert rules["GET (not found)"] == [OURS.rule_name]
    assert found.costs.total <= 40


def test_the_block_for_env_hcl() -> None:
    """Keys as env.hcl knows them, what is replaced set to null, and nothing of a path's is HCL."""
    evil = 'GET /${x}"\\%{y}=100/s'
    present = _present(
        f"{evil}, GET /b=1/d, GET /health=1/s", replace(WEB, rule_name=f"{PREFIX}old"), HEALTH, DEFAULT
    )
    block = budget.to_hcl(_proposed(present, 20), OURS)
    assert (
        '"health" = { priority = 8999, reservoir_size = 0, fixed_rate = 0, url_path = "/health*" }' in block
    )
    assert re.search(
        r'^  "service" = \{ priority = 9001, reservoir_size = \d+, fixed_rate = [\d.]+ \}$',
        block,
        re.MULTILINE,
    )
    assert '"old" = null' in block
    assert 'url_path = "/$${x}\\"\\\\%%{y}"' in block
    assert block.startswith("sampling_rules = {\n")
    assert block.endswith("\n}\n")
