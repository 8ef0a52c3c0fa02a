"""The file of prices: what it has to have, and what is said of one that hasn't."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts.errors import OperatorError
from scripts.scale import prices

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_every_price_has_its_day_its_source_and_whether_it_was_verified() -> None:
    """A source is an address, or a page of docs that has it; only AWS's own pages are not unverified."""
    found = prices.load("USD")
    assert found.region == "us-east-1"
    assert len(found.named()) == len(json.loads(prices.FILE.read_text())["prices"])
    for name, price in found.named():
        assert price.read_on >= "2026-11-21"
        assert price.source.startswith(("https://", "docs/")), name
        assert price.source.startswith("https://aws.amazon.com/") or price.assumption.startswith("unverified")


def _without(document: dict[str, Any]) -> None:
    del document["prices"]["nat_gb"]


def _euro(document: dict[str, Any]) -> None:
    document["currency"] = "EUR"


def _nowhere(document: dict[str, Any]) -> None:
    del document["region"]


def _place(document: dict[str, Any]) -> None:
    document["region"] = "Ireland"


def _places(document: dict[str, Any]) -> None:
    document["region"] = ["eu-west-1"]


def _negative(document: dict[str, Any]) -> None:
    document["prices"]["nat_gb"]["amount"] = -1


def _text(document: dict[str, Any]) -> None:
    document["prices"]["nat_gb"]["amount"] = "0.045"


def _unsourced(document: dict[str, Any]) -> None:
    del document["prices"]["nat_gb"]["source"]


def _nothing(document: dict[str, Any]) -> None:
    document["prices"]["nat_gb"]["source"] = ""


def _number(document: dict[str, Any]) -> None:
    document["prices"]["nat_gb"] = 0.045


def _list(document: dict[str, Any]) -> None:
    document["prices"] = []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without, "lacks 'nat_gb'"),
        (_euro, "currency is 'EUR', expected USD"),
        (_nowhere, "lacks 'region'"),
        (_place, "region is 'Ireland', expected a region of AWS, as us-east-1"),
        (_places, "region is .'eu-west-1'., expected a region"),
        (_negative, "nat_gb: amount is -1, expected a number of 0 or more"),
        (_text, "nat_gb: amount is '0.045'"),
        (_unsourced, "nat_gb: source is None, expected a text"),
        (_list, "prices is no JSON object"),
        (_number, "prices.json: nat_gb is no JSON object"),
        (_nothing, "prices.json: nat_gb: source is ''"),
    ],
)
def test_a_spoilt_file_is_named(
    spoil: Callable[[dict[str, Any]], None], message: str, tmp_path: Path
) -> None:
    """One line: the file, what is wrong, and what it should look like."""
    document = json.loads(prices.FILE.read_text())
    spoil(document)
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(document))
    with pytest.raises(OperatorError, match=message) as raised:
        prices.load("USD", file)
    assert raised.value.remedy


def test_no_file_and_no_json_are_named(tmp_path: Path) -> None:
    """A file that isn't there, one that can't be read as JSON, and one that isn't an object."""
    with pytest.raises(OperatorError, match="can't be read"):
        prices.load("USD", tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(OperatorError, match="is no JSON"):
        prices.load("USD", tmp_path / "broken.json")
    (tmp_path / "broken.json").write_text("[]")
    with pytest.raises(OperatorError, match="the file is no JSON object"):
        prices.load("USD", tmp_path / "broken.json")
