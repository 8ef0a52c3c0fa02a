"""The prices, from one file: each with the day on which it was read and its source."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import paths
from scripts.errors import OperatorError

FILE = Path(__file__).with_name("prices.json")
MILLION = 1_000_000
_REMEDY = "write it as scripts/forecast/prices.json is written"
_XRAY = ("recorded", "retrieved_or_scanned", "insights")


@dataclass(frozen=True)
class Price:
    """A price of a million, beyond what is free each month."""

    per_million: float
    free_per_month: float
    read_on: str
    source: str

    def of(self, amount: float) -> float:
        """Return what *amount* in a month costs."""
        return max(0.0, amount - self.free_per_month) / MILLION * self.per_million


@dataclass(frozen=True)
class Plan:
    """One of Honeycomb's plans, in events a month; `events_at_most` is infinite where nothing ends it."""

    name: str
    per_month: float
    events_included: float
    events_at_most: float
    per_further_million: float
    read_on: str
    source: str
    assumption: str = ""

    def of(self, events: float) -> float:
        """Return what *events* in a month cost under this plan."""
        return self.per_month + max(0.0, events - self.events_included) / MILLION * self.per_further_million


@dataclass(frozen=True)
class Prices:
    """All prices, in `currency`."""

    currency: str
    recorded: Price
    retrieved_or_scanned: Price
    insights: Price
    plans: tuple[Plan, ...]

    def plan_for(self, events: float) -> Plan:
        """Return the cheapest plan that takes *events* a month."""
        return min((plan for plan in self.plans if events <= plan.events_at_most), key=lambda p: p.of(events))


def load(file: Path = FILE) -> Prices:
    """Return the prices in *file*. Raises OperatorError where it can't be read or lacks a price."""
    shown = paths.shown(file)
    try:
        document = json.loads(file.read_text())
    except OSError as error:
        raise OperatorError(f"{shown} can't be read ({error.strerror})", remedy=_REMEDY) from error
    except ValueError as error:
        raise OperatorError(f"{shown} is no JSON ({error})", remedy=_REMEDY) from error
    try:
        xray = {name: _price(document["xray"][name]) for name in _XRAY}
        plans = tuple(_plan(plan) for plan in document["honeycomb"]["plans"])
        prices = Prices(str(document["currency"]), **xray, plans=plans)
    except (KeyError, TypeError, AttributeError) as error:
        raise OperatorError(f"{shown} lacks {error}", remedy=_REMEDY) from error
    except ValueError as error:
        raise OperatorError(f"{shown}: {error}", remedy=_REMEDY) from error
    if not any(math.isinf(plan.events_at_most) for plan in plans):
        raise OperatorError(f"{shown} has no plan for any number of events", remedy=_REMEDY)
    return prices


def _price(values: Any) -> Price:
    return Price(
        _amount(values, "per_million"), _amount(values, "free_per_month"), values["read_on"], values["source"]
    )


def _plan(values: Any) -> Plan:
    return Plan(
        name=values["name"],
        per_month=_amount(values, "per_month"),
        events_included=_amount(values, "events_included"),
        events_at_most=math.inf if values["events_at_most"] is None else _amount(values, "events_at_most"),
        per_further_million=_amount(values, "per_further_million"),
        read_on=values["read_on"],
        source=values["source"],
        assumption=values.get("assumption", ""),
    )


def _amount(values: Any, name: str) -> float:
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{name} is {value!r}, expected a number of 0 or more")
    return float(value)
