"""Values of fields in SQL, and the operands that they are compared with."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.honeycomb.numbers import NUMBER_TEXT, is_integer
from localcloud.honeycomb.query.model import Scalar

_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_DIGITS = 20
"""As many characters as the longest 64-bit integers have."""

WHOLE_BELOW = 1e21
"""Whole numbers below this are written without exponent (as Go does)."""


class Parameters:
    """Collects what a statement's parameters are; nothing from outside gets into its text."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: object) -> str:
        """Return the SQL that stands for `value`."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"


Bind = Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Value:
    """SQL for one value of any kind: at most one of these isn't NULL for an event.

    None stands for a kind that no event has.
    """

    text: str | None = None
    integer: str | None = None
    real: str | None = None
    flag: str | None = None

    @property
    def exists(self) -> str:
        """Return SQL for whether there is a value."""
        kinds = (self.text, self.integer, self.real, self.flag)
        return any_of([f"{kind} IS NOT NULL" for kind in kinds if kind is not None])

    @property
    def number(self) -> str | None:
        """Return SQL for the value as a finite DOUBLE, None where it never is one."""
        parts = [] if self.integer is None else [f"{self.integer}::DOUBLE"]
        if self.real is not None:
            parts.append(f"CASE WHEN isfinite({self.real}) THEN {self.real} END")
        return f"coalesce({', '.join(parts)})" if parts else None

    def keys(self) -> dict[str, str]:
        """Return SQL by kind (t, i, f, b) for what tells values apart; 1 and 1.0 are one value, an i."""
        keys = {}
        if self.flag is not None:
            keys["b"] = self.flag
        whole = [] if self.integer is None else [self.integer]
        if self.real is not None:
            is_whole = f"{self.real} = trunc({self.real}) AND abs({self.real}) < 9223372036854775808.0"
            whole.append(f"CASE WHEN {is_whole} THEN {self.real}::BIGINT END")
            keys["f"] = f"CASE WHEN NOT ({is_whole}) THEN {self.real} END"
        if whole:
            keys["i"] = f"coalesce({', '.join(whole)})"
        if self.text is not None:
            keys["t"] = self.text
        return keys


def any_of(conditions: list[str]) -> str:
    """Return SQL for whether one of the conditions holds."""
    return f"({' OR '.join(conditions)})" if conditions else "false"


def as_text(operand: Scalar) -> str:
    """Return what a text must be to equal `operand`: numbers as JSON has them, whole ones without a point."""
    if isinstance(operand, str):
        return operand
    if isinstance(operand, bool):
        return "true" if operand else "false"
    if isinstance(operand, float) and operand.is_integer() and abs(operand) < WHOLE_BELOW:
        return str(int(operand))
    return str(operand)


def as_number(operand: Scalar) -> int | float | None:
    """Return the number that `operand` is or, as a text, says; None for what is none.

    It is an int where a 64-bit integer has that value, else a finite float.
    """
    if isinstance(operand, bool):
        return None
    if isinstance(operand, str):
        if not NUMBER_TEXT.fullmatch(operand):
            return None
        operand = float(operand) if len(operand) > _DIGITS or not _WHOLE.fullmatch(operand) else int(operand)
    if isinstance(operand, int) and not is_integer(operand):
        operand = float(operand)
    if isinstance(operand, int):
        return operand
    if operand.is_integer() and is_integer(int(operand)):
        return int(operand)
    return operand if math.isfinite(operand) else None


def as_flag(operand: Scalar) -> bool | None:
    """Return the boolean that `operand` is or, as a text, says."""
    if isinstance(operand, str):
        return {"true": True, "false": False}.get(operand)
    return operand if isinstance(operand, bool) else None
