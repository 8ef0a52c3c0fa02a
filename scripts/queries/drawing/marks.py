"""Numbers, bars and shades: what a value looks like, also where there is nothing but ASCII."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scripts.plain import plain

if TYPE_CHECKING:
    from rich.console import ConsoleOptions

WIDTH_MAX_COLUMNS = 120
NOTHING = "(none)"
_DIGITS = 5


@dataclass(frozen=True)
class Marks:
    """The characters of a drawing: a bar's whole and its last part, levels and shades from low to high."""

    full: str
    parts: str
    levels: str
    shades: str
    ascii_only: bool


UNICODE = Marks("█", "▏▎▍▌▋▊▉", "▁▂▃▄▅▆▇█", "░▒▓█", ascii_only=False)
ASCII = Marks("#", "", ".:-=+*#%@", ".:*#", ascii_only=True)
SHADE_STYLES = ("blue", "cyan", "yellow", "red")


def marks(options: ConsoleOptions) -> Marks:
    """Return what the console's encoding can show."""
    return ASCII if options.ascii_only else UNICODE


def width(options: ConsoleOptions) -> int:
    """Return how many columns a drawing takes: the terminal's, and no more than the eye follows."""
    return max(1, min(options.max_width, WIDTH_MAX_COLUMNS))


def number(value: object) -> str:
    """Return a number with five digits at least where it has them, and as Honeycomb's own word else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NOTHING if value is None else plain(str(value), ascii_only=True)
    if isinstance(value, int) and value_of(value) is None:
        return f"{Decimal(value):.3e}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 10**15:
        return str(int(value))
    if abs(value) >= 10**_DIGITS:
        return f"{value:.0f}" if abs(value) < 10**15 else f"{value:.4g}"
    return f"{value:.{_DIGITS}g}" if abs(value) >= 1e-4 else f"{value:.2e}"


def value_of(value: object) -> float | None:
    """Return *value* as a finite number, None where it is none or one that no float holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def bar(share: float, columns: int, drawn: Marks) -> str:
    """Return a bar of *share*, 0 to 1, of *columns*; what is above zero is seen."""
    eighths = round(max(0.0, min(1.0, share)) * columns * 8)
    if share > 0:
        eighths = max(1, eighths)
    whole, rest = divmod(eighths, 8)
    if not drawn.parts:
        return drawn.full * (whole + (rest >= 4) or (share > 0))
    return drawn.full * whole + (drawn.parts[rest - 1] if rest else "")


def level(value: float | None, highest: float, drawn: Marks) -> str:
    """Return one character as high as *value* is, to *highest*; a space where there is no value."""
    if value is None:
        return " "
    share = max(0.0, min(1.0, value / highest)) if highest > 0 else 0.0
    return drawn.levels[max(0, math.ceil(share * len(drawn.levels)) - 1)]


def shade(count: float, highest: float, drawn: Marks) -> tuple[str, str]:
    """Return the character and the colour of *count*, to *highest*; a space where it is zero.

    Shades follow the count's logarithm: few among many have to be seen, since they are what is looked for.
    """
    if count <= 0:
        return " ", ""
    steps = len(drawn.shades)
    share = math.log1p(count) / math.log1p(max(count, highest))
    step = max(0, min(steps - 1, math.ceil(share * steps) - 1))
    return drawn.shades[step], SHADE_STYLES[step]
