"""Results whose texts can be shown anywhere: they are made of what anybody wrote, or answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scripts.plain import plain

if TYPE_CHECKING:
    from scripts.verify.check import Result

TEXT_MAX_CHARACTERS = 2000


def printable(result: Result) -> Result:
    """Return a result without secrets, lone surrogates and what a terminal acts on, and that is no book."""
    return replace(
        result,
        id=plain(result.id),
        expected=_short(result.expected),
        actual=_short(result.actual),
        remedy=_short(result.remedy),
    )


def _short(text: str) -> str:
    shown = plain(text)
    return shown if len(shown) <= TEXT_MAX_CHARACTERS else f"{shown[: TEXT_MAX_CHARACTERS - 1]}…"
