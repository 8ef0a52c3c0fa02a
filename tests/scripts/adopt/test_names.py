"""NAMES: how an operator says which groups and rules are meant."""

from __future__ import annotations

import pytest

from scripts.adopt import names
from scripts.errors import OperatorError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" , ", []),
        ("Cruddur", ["Cruddur"]),
        (" a , b c,", ["a", "b c"]),
        ('["a,b", "c"]', ["a,b", "c"]),
        ("[]", []),
    ],
)
def test_names_are_separated_by_commas_or_a_json_list(text: str, found: list[str]) -> None:
    """The list is for names that hold a comma."""
    assert names.parse(text) == found


@pytest.mark.parametrize("text", ["[", "[a]", "[1]", '[""]', '["a", null]', "[[]]"])
def test_what_begins_as_a_list_and_is_none_is_refused(text: str) -> None:
    """With how to write it."""
    with pytest.raises(OperatorError, match="NAMES=") as raised:
        names.parse(text)
    assert "NAMES is" in raised.value.message


def test_patterns() -> None:
    """`*` is any run and `?` one character, whole names only; all else is itself."""
    assert names.matches(["cruddur-*"], "cruddur-x")
    assert names.matches(["a?c"], "abc")
    assert names.matches(["a[b]"], "a[b]")
    assert names.matches(["*"], "")
    assert not names.matches(["a?c"], "ac")
    assert not names.matches(["a.c"], "abc")
    assert not names.matches(["cruddur"], "cruddur-x")
    assert not names.matches([], "a")


def test_a_name_that_stands_for_nothing_is_an_error() -> None:
    """It names what was probably meant, else what is there."""
    names.require_known(["a*"], ["ab"])
    with pytest.raises(OperatorError, match=r"'Crudur'.*NAMES=Cruddur\?"):
        names.require_known(["Crudur"], ["Cruddur", "other"])
    with pytest.raises(OperatorError, match="there: none"):
        names.require_known(["a"], [])
