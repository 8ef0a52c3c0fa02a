"""A data set that is not there: which ones are, as far as it helps."""

from __future__ import annotations

import pytest

from scripts import secrets
from scripts.errors import OperatorError
from scripts.honeycomb.api import Honeycomb
from scripts.honeycomb.client import Client
from scripts.honeycomb.place import slug
from tests.scripts.queries.scripted import KEY, Scripted, serving


def refusal(name: str, *names: str) -> str:
    """What is said where *names* are there and *name* is asked for."""
    found = [{"name": one, "slug": f"slug-{place}"} for place, one in enumerate(names)]
    try:
        with serving(Scripted(200, found)) as server, pytest.raises(OperatorError) as caught:
            slug(Honeycomb(Client(server.url, KEY)), name)
    finally:
        secrets._known.clear()
    return caught.value.message


def test_ten_are_named_and_the_others_counted() -> None:
    """Those that are most like what was asked for."""
    names = [f"other-{number:04}" for number in range(300)]
    said = refusal("backend-flask", *names, "backend-flask-2", *names)
    assert "(there: backend-flask-2, " in said
    assert said.endswith(" and 591 more)")
    assert said.count("other-") == 9


def test_few_are_all_named() -> None:
    """None too."""
    assert refusal("x", "b", "a").endswith("(there: a, b)")
    assert refusal("x").endswith("(there: none)")


def test_long_names_are_cut() -> None:
    """What is asked for as well."""
    assert len(refusal("x" * 5000, *(number * 2000 for number in "abcdefghijkl"))) < 1500
