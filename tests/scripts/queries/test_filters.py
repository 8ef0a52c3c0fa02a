"""What X-Ray is asked with: a user is quoted so that it stays one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.errors import OperatorError
from scripts.plain import plain
from scripts.queries import checking, files, filters
from xray.filters import parse

if TYPE_CHECKING:
    from scripts.queries.files import XRayQuery

QUERIES = files.load()


def xray(name: str) -> XRayQuery:
    """The query of this name."""
    query = QUERIES[name]
    assert isinstance(query, files.XRayQuery)
    return query


def test_a_user_becomes_a_string() -> None:
    """Whatever it looks like."""
    assert filters.expression(xray("user"), "al = 1 OR !ok") == 'user = "al = 1 OR !ok"'


@given(st.text(max_size=300))
def test_no_user_gets_out_of_its_quotes(user: str) -> None:
    """The expression has one comparison, with the user whole, or the user is refused."""
    try:
        text = filters.expression(xray("user"), user)
    except OperatorError:
        return
    assert parse(text) == parse(f'user = "{user}"')
    assert '"' not in user
    assert text.count('"') == 2


@pytest.mark.parametrize(
    "user",
    [
        'a"b',
        'x" OR fault OR user = "',
        "a\\",
        "a\nb",
        "a\x00",
        "a\u202eb",
        "\ud800",
        "a\u2028b",
        "a\u2029b",
        "a\xa0b",
        "a\u3000b",
        "a\x1cb",
        "a\ue000",
    ],
)
def test_what_would_need_an_escape_is_refused(user: str) -> None:
    """Nobody says how X-Ray escapes; the character is named in a form that a terminal can show."""
    with pytest.raises(OperatorError, match="can't stand in a filter expression's string") as caught:
        filters.expression(xray("user"), user)
    assert str(caught.value).isascii()


def test_a_user_is_asked_for() -> None:
    """And taken only where it counts."""
    with pytest.raises(OperatorError, match="add USER="):
        filters.expression(xray("user"), "")
    with pytest.raises(OperatorError, match="slow takes no USER"):
        filters.expression(xray("slow"), "alice")
    with pytest.raises(OperatorError, match="251 characters"):
        filters.expression(xray("user"), "a" * 251)


def test_a_wrong_expression_is_refused_before_xray_sees_it() -> None:
    """With X-Ray's words and the place."""
    with pytest.raises(OperatorError, match="is no filter expression: Error Location: line 1"):
        filters.check("duration <")


def test_a_long_expression_is_cut_about_the_place() -> None:
    """So that the line stays one that people read."""
    before, behind = "ok AND " * 100, " AND ok" * 100
    with pytest.raises(OperatorError) as caught:
        filters.check(f"{before}nonsense > 1{behind}")
    said = caught.value.message
    shown = said[: said.index(" is no filter expression")]
    assert shown.startswith("'...")
    assert shown.endswith("...'")
    assert "nonsense" in shown
    assert len(shown) <= checking.SHOWN_MAX_CHARACTERS + 8


@given(st.text(max_size=400), st.integers(0, 400))
def test_what_is_shown_of_an_expression(text: str, place: int) -> None:
    """Fits a line, whatever is in it; a short one is whole."""
    shown = checking.around(text, place)
    assert shown.isprintable()
    assert len(text) > checking.SHOWN_MAX_CHARACTERS or shown == plain(text)
