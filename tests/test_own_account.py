"""docs/own-account.md against the code: its figures are the reckoning's, its settings those there are."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from scripts.forecast import prices as sink_prices
from scripts.forecast.costs import MONTH_SECONDS
from scripts.scale import bill, prices, reckoning
from scripts.scale.load import Load
from tests.test_docs import hcl_names, rows

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "own-account.md").read_text()
README = (ROOT / "README.md").read_text()
TASKS = 2
SMALL = replace(Load(), requests_per_second=0, cpu=256, memory=512)
NAT_HOURS_A_MONTH = 730


@cache
def tariff() -> bill.Tariff:
    """The prices that `make scale` takes."""
    sinks = sink_prices.load()
    return bill.Tariff(prices.load(sinks.currency), sinks)


def row(millions: float) -> list[str]:
    """Return the page's line of costs for so many million requests a month."""
    load = replace(Load(), requests_per_second=millions * 1e6 / MONTH_SECONDS / TASKS)
    if millions == 0:
        traces, found = 0.0, bill.of(TASKS, load, 0, 0, tariff())
    else:
        scaled = reckoning.scaled(TASKS, load, tariff())
        traces, found = scaled.sampled_share * millions, scaled.bill
    parts = (
        *(found.fargate, found.load_balancer, found.nat, found.internet, found.logs),
        *(found.xray, found.honeycomb, found.total),
    )
    shown = "0" if millions == 0 else f"{millions:g} million"
    return [shown, "0" if traces == 0 else f"{traces:.2f} million", *(f"{part:.2f}" for part in parts)]


def smallest() -> bill.Bill:
    """Return the bill at rest of one small task in a network that is there."""
    return bill.of(1, replace(SMALL, nat_gateways=0), 0, 0, tariff())


@pytest.mark.parametrize("millions", [0, 1, 10, 50, 80])
def test_costs_are_the_reckonings(millions: float) -> None:
    """Each line of the table is what `make scale` reckons for the defaults."""
    assert row(millions) in rows(PAGE.split("\n## Costs\n")[1])


def test_what_is_saved_is_the_reckonings() -> None:
    """A task, half a task, the NAT gateway with its address, and what is left at rest."""
    table = {one[0]: one[-1] for one in rows(PAGE.split("**Cheaper**")[1])}
    aws = tariff().aws
    gateway = (aws.nat_hour.amount + aws.address_hour.amount) * NAT_HOURS_A_MONTH
    task = bill.of(1, replace(SMALL, cpu=512, memory=1024), 0, 0, tariff()).fargate
    half = bill.of(1, SMALL, 0, 0, tariff()).fargate
    saved = {re.sub(r"[:,].*", "", name): value for name, value in table.items()}
    assert saved["`network_existing`"] == f"{gateway:.2f}"
    assert saved["`service_tasks_min = 1`"] == f"{task:.2f}"
    assert saved["`service_cpu = 256`"] == f"{half:.2f} more"
    assert f"together leave {smallest().total:.2f} at rest" in " ".join(PAGE.split())


def test_the_readmes_figures_are_the_pages() -> None:
    """Rounded to whole dollars."""
    text = " ".join(README.split())
    rest, million, ten = ([round(float(cell)) for cell in row(many)[2:]] for many in (0, 1, 10))
    assert (
        f"about {rest[-1]} USD a month at rest (two tasks {rest[0]}, NAT gateway {rest[2]}, "
        f"load balancer {rest[1]}), {million[-1]} with a million requests, {ten[-1]} with ten million, "
        f"of which X-Ray {ten[5]}. About {smallest().total:.0f} at rest"
    ) in text


def test_settings_that_are_named_exist() -> None:
    """Whatever looks like a setting of an environment is one."""
    named = re.findall(
        r"`((?:service|network|registry|alarm|honeycomb|logs)_[a-z_]+)\b",
        PAGE + README.split("## On your")[1],
    )
    assert set(named) - hcl_names("settings") == set()
    assert len(set(named)) > 10


def test_the_number_of_units_is_named() -> None:
    """`make plan UNIT=all` takes as many as the page says."""
    units = [
        file.parent.name for file in (ROOT / "terraform/backend-app/config/dev").glob("*/terragrunt.hcl")
    ]
    assert len(units) == 9
    assert "of all nine units" in PAGE
