"""Prices and bills, against the vendors' own examples and by hand."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.errors import OperatorError
from scripts.forecast import costs, prices
from scripts.forecast.costs import MONTH_DAYS, MONTH_SECONDS, Usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PRICES = prices.load()


def test_x_rays_own_example() -> None:
    """Of 148,800 traces recorded in a month 48,800 are paid for, 0.24 USD; insights on them cost 0.15."""
    assert PRICES.recorded.of(148_800) == pytest.approx(0.244)
    assert PRICES.insights.of(148_800) == pytest.approx(0.1488)
    assert PRICES.retrieved_or_scanned.of(775_000) == 0


def test_every_price_has_its_day_and_its_source() -> None:
    """Nobody has to guess how old a figure is."""
    document = json.loads(prices.FILE.read_text())
    entries = [*document["xray"].values(), *document["honeycomb"]["plans"]]
    assert len(entries) >= 6
    for entry in entries:
        assert entry["source"].startswith("https://")
        assert entry["read_on"] >= "2026-11-21"


def test_a_bill_item_by_item() -> None:
    """Recorded; retrieved by the group and scanned by queries; insights; events with their span events."""
    usage = Usage(spans=3, events=0.5, queries_per_day=10, groups=2, groups_with_insights=1)
    traces = 4.0 * MONTH_SECONDS
    bill = costs.of(4.0, usage, PRICES)
    recorded, retrieved, insights, events = bill.items
    assert recorded.amount == traces
    assert recorded.cost == pytest.approx((traces - 100_000) * 5 / 1e6)
    # an hour has 14,400 traces, all scanned, 50 of them retrieved
    assert retrieved.amount == pytest.approx(2 * traces + 10 * MONTH_DAYS * (14_400 + 50))
    assert insights.cost == pytest.approx(traces / 1e6)
    assert events.amount == pytest.approx(3.5 * traces)
    assert (bill.plan, events.cost) == ("Pro", 130)
    assert bill.total == pytest.approx(bill.xray + bill.honeycomb)
    assert bill.xray == pytest.approx(recorded.cost + retrieved.cost + insights.cost)


@pytest.mark.parametrize(
    ("events", "plan", "cost"),
    [
        (0, "Free", 0),
        (20_000_000, "Free", 0),
        (20_000_001, "Pro", 130),
        (100_000_000, "Pro", 130),
        (200_000_000, "Pro", 260),
        (2_000_000_000, "Enterprise", 2600),
    ],
)
def test_honeycombs_plan_is_the_cheapest_that_takes_the_events(events: float, plan: str, cost: float) -> None:
    """Free up to its limit, Pro with its base, then by the event."""
    found = PRICES.plan_for(events)
    assert found.name == plan
    assert found.of(events) == pytest.approx(cost)


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_traces_never_cost_less(one: float, other: float) -> None:
    """What a search for a budget rests on."""
    low, high = sorted((one, other))
    assert costs.of(low, Usage(), PRICES).total <= costs.of(high, Usage(), PRICES).total + 1e-9


@given(st.floats(0, 1e5))
def test_a_budget_is_used_up_and_kept(budget: float) -> None:
    """What it pays for costs no more; a little more would, unless all are paid for."""
    usage, most = Usage(), 5000.0
    found = costs.most_traces_per_second(budget, usage, PRICES, most)
    assert found is not None
    assert costs.of(found, usage, PRICES).total <= budget
    assert found == most or costs.of(found * 1.000001 + 1e-6, usage, PRICES).total > budget


def _without(name: str) -> Callable[[Any], None]:
    return lambda document: document["xray"].pop(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_without("recorded"), "lacks 'recorded'"),
        (lambda d: d["xray"]["recorded"].update(per_million="much"), "per_million is 'much'"),
        (lambda d: d["xray"]["recorded"].update(per_million=-1), "per_million is -1"),
        (lambda d: d["xray"]["recorded"].update(free_per_month=math.nan), "free_per_month is nan"),
        (lambda d: d["honeycomb"].update(plans=[]), "has no plan for any number of events"),
        (lambda d: d["honeycomb"].update(plans=3), "lacks"),
        (lambda d: d["honeycomb"]["plans"][0].pop("source"), "lacks 'source'"),
    ],
)
def test_wrong_prices_are_named(tmp_path: Path, change: Callable[[Any], None], message: str) -> None:
    """A file of one's own is checked as ours is."""
    document = json.loads(prices.FILE.read_text())
    change(document)
    (tmp_path / "prices.json").write_text(json.dumps(document))
    with pytest.raises(OperatorError, match=message):
        prices.load(tmp_path / "prices.json")


def test_no_file_and_no_json_are_told(tmp_path: Path) -> None:
    """With the way to write one."""
    with pytest.raises(OperatorError, match="can't be read"):
        prices.load(tmp_path / "missing.json")
    (tmp_path / "prices.json").write_text("{")
    with pytest.raises(OperatorError, match="is no JSON"):
        prices.load(tmp_path / "prices.json")
