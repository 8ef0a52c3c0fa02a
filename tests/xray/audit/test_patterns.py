"""Wildcard patterns against each other: what is claimed holds for every text, and plain cases are found."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xray.audit.rules import PATTERNS
from xray.audit.patterns import covers, overlap
from xray.wildcards import wildcard_match

# Three letters, of which no pattern names the last; longer than what four signs can tell apart.
_ALPHABET, _LENGTH_MAX = "abz", 8
_SHORT = st.text(alphabet="ab*?", max_size=4)


@cache
def _texts() -> list[str]:
    return [
        "".join(signs) for length in range(_LENGTH_MAX + 1) for signs in product(_ALPHABET, repeat=length)
    ]


@cache
def _language(pattern: str) -> frozenset[str]:
    return frozenset(text for text in _texts() if wildcard_match(pattern, text))


@settings(deadline=None, max_examples=300)
@given(_SHORT, _SHORT)
def test_covering_is_what_trying_every_text_finds(wide: str, narrow: str) -> None:
    """Claimed exactly where each text of the one is a text of the other."""
    assert covers(wide, narrow) == (_language(narrow) <= _language(wide))


@settings(deadline=None, max_examples=300)
@given(_SHORT, _SHORT)
def test_overlapping_is_what_trying_every_text_finds(one: str, other: str) -> None:
    """Found exactly where a text belongs to both, whichever is named first."""
    assert overlap(one, other) == overlap(other, one) == bool(_language(one) & _language(other))


@given(PATTERNS, st.text(alphabet="abAB*?é\n", max_size=8))
def test_a_text_alone_is_covered_where_it_matches(pattern: str, text: str) -> None:
    """A pattern without wildcards is the text itself, case aside."""
    if not set("*?") & set(text):
        assert covers(pattern, text) == overlap(pattern, text) == wildcard_match(pattern, text)


@given(st.text(alphabet="ab*?/", max_size=128), st.text(alphabet="ab*?/", max_size=128))
def test_patterns_of_x_rays_lengths(wide: str, narrow: str) -> None:
    """Whatever they are there is an answer, and a pattern covers itself, and `*` everything."""
    covers(wide, narrow)
    assert covers("*", narrow)
    assert overlap(wide, "*")


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("*", "/health*"),
        ("/api/*", "/api/activities/*"),
        ("/health*", "/health"),
        ("/api/messages", "/api/messages"),
        ("/API/*", "/api/x"),
        ("/a?c", "/abc"),
        ("?*", "*?"),
        ("*?*", "?"),
        ("**", "*"),
        ("*b*", "a*b"),
    ],
)
def test_plain_cases_are_found(wide: str, narrow: str) -> None:
    """All, a beginning, the same, one character, whatever the case."""
    assert covers(wide, narrow)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("/api/*", "*"),
        ("/api/*", "/api"),
        ("?*", "*"),
        ("/health", "/health*"),
        ("?", "*"),
        ("abc", "?bc"),
        ("*a", "*"),
        ("", "*"),
    ],
)
def test_what_leaves_something_over_is_not(wide: str, narrow: str) -> None:
    """The narrower one has a text that the wider one lacks."""
    assert not covers(wide, narrow)


def test_what_takes_too_many_steps_is_not_claimed() -> None:
    """Patterns made to be hard: no claim, and no endless search."""
    wide = "*" + "?*a".join("b" * 4 for _ in range(20)) + "*"
    narrow = "*".join("ab?a" for _ in range(25))
    covers(wide, narrow)
    assert not covers(wide + "c", narrow)
