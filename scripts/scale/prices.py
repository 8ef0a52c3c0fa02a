"""AWS's prices for what carries the backend, from one file: each with the day it was read and its source.

X-Ray's and Honeycomb's are in scripts/forecast/prices.json.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from scripts import paths
from scripts.errors import OperatorError

FILE = Path(__file__).with_name("prices.json")
_REMEDY = "write it as scripts/scale/prices.json is written"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
_TEXTS = ("per", "read_on", "source")


@dataclass(frozen=True)
class Price:
    """A price of one unit (`per`), and where it is from; `assumption` is empty where nothing is assumed."""

    amount: float
    per: str
    read_on: str
    source: str
    assumption: str = ""


@dataclass(frozen=True)
class AwsPrices:
    """All prices, of one region. An hour is an hour of a thing, a GB is 10^9 bytes."""

    region: str
    fargate_vcpu_hour: Price
    fargate_gb_hour: Price
    alb_hour: Price
    alb_lcu_hour: Price
    nat_hour: Price
    nat_gb: Price
    address_hour: Price
    internet_gb: Price
    zone_gb: Price
    logs_gb: Price
    logs_stored_gb_month: Price

    def named(self) -> list[tuple[str, Price]]:
        """Return each price with its name, in the file's order."""
        return [(name, getattr(self, name)) for name in _names()]


def _names() -> list[str]:
    return [field.name for field in fields(AwsPrices) if field.name != "region"]


def load(currency: str, file: Path = FILE) -> AwsPrices:
    """Return the prices in *file*, which have to be in *currency*.

    Raises OperatorError where it can't be read, lacks a price or its region, or is in another currency.
    """
    shown = paths.shown(file)
    try:
        document = json.loads(file.read_text())
    except OSError as error:
        raise OperatorError(f"{shown} can't be read ({error.strerror})", remedy=_REMEDY) from error
    except ValueError as error:
        raise OperatorError(f"{shown} is no JSON ({error})", remedy=_REMEDY) from error
    try:
        return _prices(document, currency)
    except KeyError as error:
        raise OperatorError(f"{shown} lacks {error}", remedy=_REMEDY) from error
    except ValueError as error:
        raise OperatorError(f"{shown}: {error}", remedy=_REMEDY) from error


def _prices(document: Any, currency: str) -> AwsPrices:
    document = _object(document, "the file")
    if document["currency"] != currency:
        raise ValueError(f"currency is {document['currency']!r}, expected {currency}, as X-Ray's")
    region = document["region"]
    if not isinstance(region, str) or not _REGION.fullmatch(region):
        raise ValueError(f"region is {region!r}, expected a region of AWS, as us-east-1")
    prices = _object(document["prices"], "prices")
    return AwsPrices(region, **{name: _price(prices[name], name) for name in _names()})


def _object(found: Any, name: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no JSON object")  # noqa: TRY004 - told as every wrong value is
    return found


def _price(found: Any, name: str) -> Price:
    values = _object(found, name)
    amount = values.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < math.inf:
        raise ValueError(f"{name}: amount is {amount!r}, expected a number of 0 or more")
    texts: dict[str, str] = {}
    for text in (*_TEXTS, "assumption"):
        value = values.get(text, "" if text == "assumption" else None)
        if not isinstance(value, str) or (not value and text in _TEXTS):
            raise ValueError(f"{name}: {text} is {value!r}, expected a text")
        texts[text] = value
    return Price(amount=float(amount), **texts)
