"""Text from outside, fit for a terminal: nothing in it moves the cursor, colours, or turns a line around."""

from __future__ import annotations

from scripts.secrets import scrub

_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def plain(text: str, *, ascii_only: bool = False) -> str:
    """Return *text* without secrets, each character that a terminal acts on as its escape.

    Those are controls, format characters (which turn the direction or take no room), lone surrogates, line
    separators and what Unicode has not assigned; with *ascii_only* all beyond ASCII. Done twice it is the
    same.
    """
    text = scrub(text)
    if text.isprintable() and (text.isascii() or not ascii_only):
        return text
    return "".join(
        one if one.isprintable() and (one.isascii() or not ascii_only) else _escape(one) for one in text
    )


def _escape(one: str) -> str:
    number = ord(one)
    if one in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[one]
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def one_line(text: str, *, ascii_only: bool = False) -> str:
    """Return *text* on one line, runs of whitespace as one space, fit for a terminal."""
    return plain(" ".join(text.split()), ascii_only=ascii_only)
