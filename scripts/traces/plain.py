"""What drawings are made of: glyphs, text in so many columns, numbers and times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, set_cell_size

if TYPE_CHECKING:
    from rich.console import ConsoleOptions

NUMBER_COLUMNS = 9


@dataclass(frozen=True)
class Glyphs:
    """What drawings are made of."""

    bar: str
    running: str
    gap: str
    ellipsis: str
    branch: str
    last: str
    down: str
    ascii_only: bool


BOXES = Glyphs("█", "░", "·", "…", "├─ ", "└─ ", "│  ", ascii_only=False)
ASCII = Glyphs("#", "~", ".", "...", "|- ", "`- ", "|  ", ascii_only=True)


def glyphs(options: ConsoleOptions) -> Glyphs:
    """Return what the console's encoding can show."""
    return ASCII if options.ascii_only else BOXES


def cut(text: str, width: int, marks: Glyphs = BOXES) -> str:
    """Return *text* in *width* columns at most; what is cut off is told by an ellipsis."""
    if cell_len(text) <= width:
        return text
    room = width - len(marks.ellipsis)
    return set_cell_size(text, room) + marks.ellipsis if room > 0 else set_cell_size(text, max(0, width))


def fit(text: str, width: int, marks: Glyphs = BOXES) -> str:
    """Return *text* in exactly *width* columns."""
    return set_cell_size(cut(text, width, marks), max(0, width))


def wrap(text: str, width: int, lines: int, marks: Glyphs = BOXES) -> list[str]:
    """Return *text* in lines of *width* columns at most, *lines* of them at most, broken at spaces.

    A word is broken only where the line would be less than half full without it.
    """
    found: list[str] = []
    while text and width > 0:
        if len(found) == lines - 1 or cell_len(text) <= width:
            return [*found, cut(text, width, marks)]
        line = chop_cells(text, width)[0]
        space = -1 if text[len(line)] == " " else line.rfind(" ")
        line = line[:space] if space > len(line) // 2 else line
        found.append(line.rstrip())
        text = text[max(1, len(line)) :].lstrip()
    return found


def number(value: float) -> str:
    """Return *value* with one decimal, in 9 characters at most whatever it is."""
    text = f"{value:.1f}"
    return text if len(text) <= NUMBER_COLUMNS else f"{value:.2e}"


def unit(seconds: float) -> tuple[str, float]:
    """Return the unit that durations of about *seconds* read well in, and how many of it a second has."""
    return ("ms", 1000.0) if seconds < 1000 else ("s", 1.0)


def moment(seconds: float, layout: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return epoch *seconds* as a time in UTC; as the number where no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(layout)
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.3g}" if math.isfinite(seconds) else "?"
