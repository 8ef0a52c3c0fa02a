"""IAM's wildcards, alone and against each other, held against all short texts."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts.iam.patterns import covers, meet

PATTERNS = st.text(alphabet="ab*?", max_size=6)
# One letter more than patterns have, as there always is one.
TEXTS = ["".join(text) for size in range(7) for text in itertools.product("abc", repeat=size)]


def _matching(pattern: str) -> set[str]:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return {text for text in TEXTS if re.fullmatch(expression, text)}


@given(PATTERNS, st.sampled_from(TEXTS))
def test_a_text_is_covered_where_it_matches(pattern: str, text: str) -> None:
    """For a text without wildcards, both questions are whether it matches."""
    matches = text in _matching(pattern)
    assert covers(pattern, text) is matches
    assert meet(pattern, text) is matches


@given(PATTERNS, PATTERNS)
@example("?*", "*?")
@example("*?*a", "?*a")
@example("?*", "*")
@example("a*b", "ab")
def test_a_pattern_is_covered_where_all_its_texts_match(wide: str, narrow: str) -> None:
    """Compared with all texts of up to six letters: never covered where one of them is left out."""
    left_out = _matching(narrow) - _matching(wide)
    assert not (covers(wide, narrow) and left_out)


@given(PATTERNS, PATTERNS)
def test_patterns_meet_where_they_share_a_text(one: str, other: str) -> None:
    """Patterns that share one of these texts meet, and those that meet share one where both are short."""
    shared = _matching(one) & _matching(other)
    if shared:
        assert meet(one, other)
    if len(one) + len(other) <= 6:
        assert meet(one, other) is bool(shared)
    assert meet(one, other) is meet(other, one)


@given(PATTERNS)
def test_order(pattern: str) -> None:
    """Everything covers itself and is covered by a star."""
    assert covers(pattern, pattern)
    assert covers("*", pattern)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("arn:aws:ssm:*:*:parameter/a/*", "arn:aws:ssm:us-east-1:123456789012:parameter/a/b"),
        (
            "arn:aws:logs:eu-west-1:1:log-group:g:log-stream:*",
            "arn:aws:logs:eu-west-1:1:log-group:g:log-stream:",
        ),
        ("arn:*", "arn:aws:logs:*:1:log-group:?"),
        ("?*", "a*"),
        ("*a?", "*a?"),
    ],
)
def test_patterns_that_cover(wide: str, narrow: str) -> None:
    """Cases as policies have them."""
    assert covers(wide, narrow)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("arn:aws:ssm:us-east-1:1:parameter/a", "arn:aws:ssm:us-east-1:1:parameter/a*"),
        ("arn:aws:ssm:us-east-1:1:parameter/a/*", "arn:aws:ssm:us-east-1:1:parameter/a"),
        ("arn:aws:xray:us-east-1:1:group/g/*", "*"),
        ("?", "*"),
        ("a", "?"),
    ],
)
def test_patterns_that_do_not_cover(wide: str, narrow: str) -> None:
    """A wildcard is only covered by a wildcard that takes as much."""
    assert not covers(wide, narrow)


def test_hostile_patterns_take_no_time_worth_telling() -> None:
    """Many stars are no more work than their number times the text's length: no backtracking."""
    assert not covers("*a" * 500 + "b", "a" * 2000)
    assert not meet("*a" * 100 + "b", "a" * 200)
