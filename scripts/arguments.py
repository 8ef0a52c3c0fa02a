"""Options that several commands take.

An empty unit, approval or port counts as none. An empty environment is an error: nobody means local by it.
"""

from __future__ import annotations

import math
import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from scripts.environment import NAMES

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, None: 1}


def add_environment(parser: ArgumentParser) -> None:
    """Add ``--env``."""
    parser.add_argument("--env", choices=NAMES, default="local", help="the environment (default: local)")


def add_unit(parser: ArgumentParser) -> None:
    """Add ``--unit``."""
    parser.add_argument("--unit", default="", help="one unit, or `all` (default: the tracing units)")


def add_approval(parser: ArgumentParser) -> None:
    """Add ``--approve``."""
    parser.add_argument(
        "--approve", default="", help="the environment's name again, where nobody can be asked"
    )


def duration(text: str) -> int:
    """Return the seconds that *text* stands for, as in ``90``, ``90s``, ``10m``, ``2h``, ``1d``.

    Raises ArgumentTypeError where it is no duration of at least one second.
    """
    found = _DURATION.fullmatch(text.strip())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if seconds < 1:
        raise ArgumentTypeError(f"{text!r} is no duration: write it as 30s, 10m, 2h or 1d")
    return seconds


def port(text: str) -> int:
    """Return *text* as a port number, 0 for a free one. Raises ArgumentTypeError where it is none."""
    if not text:
        return 0
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is no port: expected 0 (any free one) to 65535")
    return int(text)


def number(most: float, *, whole: bool = False, least: float = 0) -> Callable[[str], float]:
    """Return a reader of numbers from *least* to *most*, which raises ArgumentTypeError for others."""

    def read(text: str) -> float:
        try:
            value = float(int(text)) if whole else float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            kind = "whole number" if whole else "number"
            raise ArgumentTypeError(f"{text[:40]!r}: expected a {kind} from {least:g} to {most:g}")
        return value

    return read
