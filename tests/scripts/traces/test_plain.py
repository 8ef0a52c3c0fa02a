"""Text from outside: what reaches the terminal does nothing there, and takes the room it is given."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from scripts import secrets
from scripts.plain import one_line, plain
from scripts.traces.plain import (
    ASCII,
    BOXES,
    NUMBER_COLUMNS,
    cut,
    fit,
    moment,
    number,
    unit,
    wrap,
)
from tests.scripts.traces.generated import TEXTS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /größe", "GET /größe"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\u2028\ufeff", "\\u2028\\ufeff"),
    ],
)
def test_what_a_terminal_acts_on_is_escaped(text: str, shown: str) -> None:
    """Controls, direction, lone surrogates, tags, line separators; letters stay."""
    assert plain(text) == shown


@given(TEXTS)
def test_no_text_reaches_the_terminal_as_anything_but_text(text: str) -> None:
    """Whatever it is, it is printable, and with ASCII alone it can be encoded."""
    assert plain(text).isprintable()
    plain(text).encode()
    plain(text, ascii_only=True).encode("ascii")
    assert one_line(text) == one_line(one_line(text))


def test_secrets_are_gone_before_text_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key's beginning is a key's beginning."""
    monkeypatch.setattr(secrets, "_known", {"k" * 12})
    assert plain("x" + "k" * 12) == f"x{secrets.REPLACEMENT}"


@given(TEXTS, st.integers(0, 50), st.sampled_from((BOXES, ASCII)))
def test_cutting_and_fitting(text: str, width: int, marks: object) -> None:
    """Never wider; fitted is exactly as wide; what fits is left as it is."""
    text = plain(text)
    glyphs = BOXES if marks is BOXES else ASCII
    assert cell_len(cut(text, width, glyphs)) <= width
    assert cell_len(fit(text, width, glyphs)) == width
    if cell_len(text) <= width:
        assert cut(text, width, glyphs) == text


@given(TEXTS, st.integers(2, 50), st.integers(1, 5))
def test_wrapping(text: str, width: int, lines: int) -> None:
    """No line too wide, none too many; where all of it fits nothing but spaces is lost."""
    text = one_line(text)
    found = wrap(text, width, lines)
    assert len(found) <= lines
    assert all(cell_len(line) <= width for line in found)
    if len(found) < lines:
        assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole_where_they_can() -> None:
    """A line breaks at a space; a long word is broken; the rest is told by an ellipsis."""
    assert wrap("one two three four", 9, 5) == ["one two", "three", "four"]
    assert wrap("one two three four", 9, 2) == ["one two", "three fo…"]
    assert wrap("abcdefgh", 3, 5) == ["abc", "def", "gh"]


@given(st.one_of(st.floats(), st.integers(-(10**300), 10**300).map(float)))
def test_numbers_take_nine_columns_at_most(value: float) -> None:
    """Also those that no clock gives."""
    assert len(number(value)) <= NUMBER_COLUMNS or value < 0
    assert unit(value)[0] in ("ms", "s")


@given(st.floats())
def test_a_moment_is_told_of_any_number(seconds: float) -> None:
    """By the calendar where it has one."""
    assert moment(seconds).isprintable()
    assert moment(0) == "1970-01-01 00:00:00"
    assert moment(math.inf) == "?"
