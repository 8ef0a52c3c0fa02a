"""Rates by route, as ROUTES takes them."""

from __future__ import annotations

import pytest

from scripts.errors import OperatorError
from scripts.forecast import rates
from tests.scripts.forecast.logs import classes


def test_rates_in_every_unit() -> None:
    """Per second where none is given."""
    found = rates.from_text("GET /a=20/s, post /b=30/min,GET /c=36/h, GET /d=8640/d, GET /e=2, GET /f=1e-3")
    assert found == [
        ("GET", "/a", 20.0),
        ("POST", "/b", 0.5),
        ("GET", "/c", 0.01),
        ("GET", "/d", 0.1),
        ("GET", "/e", 2.0),
        ("GET", "/f", 0.001),
    ]


def test_a_route_given_twice_has_both_rates() -> None:
    """And its query is left out."""
    traffic = rates.traffic("ROUTES", rates.from_text("GET /a=1, GET /a?x=y=2"), classes())
    assert traffic.per_second(traffic.requests) == pytest.approx(3)
    assert len(traffic.classes) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no route"),
        (" , ", "is no route|has no rate"),
        ("GET /a", "has no rate"),
        ("/a=1", "is no route"),
        ("GET a=1", "is no route"),
        ("GET /a=fast", "is no rate for GET /a"),
        ("GET /a=1/week", "is no rate"),
        ("GET /a=-1", "is no rate"),
        ("GET /a=nan", "is no rate"),
        ("GET /a=1e400", "is no rate"),
        ("GET /a=1e7", "is no rate"),
        ("GET /a=--1", "is no rate"),
    ],
)
def test_other_rates_are_errors(text: str, message: str) -> None:
    """Each names the route and what is expected."""
    with pytest.raises(OperatorError, match=message) as raised:
        rates.from_text(text)
    assert raised.value.remedy
