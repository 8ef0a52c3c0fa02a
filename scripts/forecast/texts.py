"""Text of anybody's making: paths from a log, names from an account."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return *text* on one line, with ``?`` for what a terminal would obey instead of show."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
