"""The key leaves the environment and is replaced in all that is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "hcaik_" + "k" * 58
ASKING = "a" * 22


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Forget the secrets of this test."""
    yield
    secrets._known.clear()
    secrets._handed_over.clear()


def test_withdraw_takes_the_keys_out_of_the_environment() -> None:
    """All names are gone, so that no child inherits them; the keys can still be had."""
    environment = {
        "HONEYCOMB_API_KEY": f" {KEY}\n",
        "HONEYCOMB_CONFIGURATION_KEY": f"{ASKING} ",
        "TF_VAR_honeycomb_api_key": KEY,
        "MAKEFLAGS": f" -- HONEYCOMB_API_KEY={KEY}",
        "HOME": "/root",
    }
    secrets.withdraw(environment)
    assert environment == {"HOME": "/root"}
    assert secrets.handed_over() == KEY
    assert secrets.to_ask_with(local=False) == ("HONEYCOMB_CONFIGURATION_KEY", ASKING)
    assert secrets.to_ask_with(local=True) == ("HONEYCOMB_API_KEY", KEY)
    assert secrets.scrub(f"{KEY} {ASKING}") == f"{secrets.REPLACEMENT} {secrets.REPLACEMENT}"


def test_one_key_may_serve_for_both_but_not_the_one_to_ask_with() -> None:
    """Honeycomb's answers are asked for with the key to send with, where it is all there is; not so back."""
    secrets.withdraw({"HONEYCOMB_API_KEY": KEY})
    assert secrets.to_ask_with(local=False) == ("HONEYCOMB_API_KEY", KEY)
    secrets.withdraw({"HONEYCOMB_CONFIGURATION_KEY": ASKING})
    assert secrets.handed_over() is None


def test_an_empty_key_counts_as_none() -> None:
    """make passes on what is set to nothing."""
    environment = {"HONEYCOMB_API_KEY": "", "HONEYCOMB_CONFIGURATION_KEY": " "}
    secrets.withdraw(environment)
    assert secrets.handed_over() is None
    assert secrets.to_ask_with(local=False) is None
    assert environment == {}


@given(st.text(), st.text())
def test_a_known_secret_is_in_no_scrubbed_text(before: str, after: str) -> None:
    """Wherever it stands, and however often."""
    secrets.remember(KEY)
    scrubbed = secrets.scrub(f"{before}{KEY}{after}{KEY}")
    assert KEY not in scrubbed
    assert scrubbed.endswith(secrets.REPLACEMENT)


def test_a_secret_that_begins_with_another_leaves_no_rest() -> None:
    """The longest is replaced first."""
    secrets.remember("abcdefgh")
    secrets.remember("abcdefghijkl")
    assert secrets.scrub("x abcdefghijkl y") == f"x {secrets.REPLACEMENT} y"


def test_whitespace_around_a_secret_is_no_part_of_it() -> None:
    """As a file or SSM may hold a key with a newline after it, and every reader strips it."""
    secrets.remember(f" {KEY}\n")
    assert secrets.scrub(f"a {KEY} b") == f"a {secrets.REPLACEMENT} b"


def test_what_is_too_short_for_a_key_is_left_alone() -> None:
    """A parameter with an empty or tiny value must not make the output unreadable."""
    secrets.remember("")
    secrets.remember("on")
    assert secrets.scrub("one") == "one"
