"""X-Ray's wildcards."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.wildcards import wildcard_match

_PIECES = st.text(alphabet="ab.*?[\\\nÄä", max_size=12)


@given(_PIECES, _PIECES)
def test_wildcards_agree_with_a_plain_regular_expression(pattern: str, text: str) -> None:
    """`*` is `.*`, `?` is `.`, everything else itself, the whole text matches, case is ignored."""
    plain = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    expected = re.fullmatch(plain, text, re.IGNORECASE | re.DOTALL) is not None
    assert wildcard_match(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("", "", True),
        ("", "a", False),
        ("?", "", False),
        ("/api/*", "/API/activities", True),
        ("/api/?", "/api/", False),
        ("*.example.com", "a.example.com", True),
        ("*ab*ab", "ab", False),
        ("a*a", "a", False),
        ("**a**", "xax", True),
    ],
)
def test_known_cases(pattern: str, text: str, expected: bool) -> None:
    """Empty patterns, overlapping ends and runs of stars."""
    assert wildcard_match(pattern, text) is expected


def test_hostile_patterns_end() -> None:
    """A pattern of X-Ray's length that makes naive matchers go back and forth for ever has its answer."""
    pattern = "*a" * 63 + "b"
    assert not wildcard_match(pattern, "a" * 20_000)
    assert wildcard_match(pattern, "a" * 20_000 + "b")
