"""The values of a heatmap: how many fell between two bounds, and the rows that they are drawn in.

Honeycomb doesn't say which form they have. This is the local Honeycomb's (docs/local-cloud.md): a list of
``{"low", "high", "count"}``, all of one width and at whole multiples of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.queries.drawing.marks import value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_MERGED = (1, 2, 5, 10, 20, 50, 100)
_TOLERANCE = 1e-6
PLACES_MAX = 2**53
"""A bin that is further from zero, in widths, has no number that a float tells from its neighbours'."""


@dataclass(frozen=True)
class Bin:
    """How many values there are from `low` up to, and without, `high`."""

    low: float
    high: float
    count: float


class UnknownFormError(ValueError):
    """The value of a heatmap has a form that is not known."""


def bins(value: object) -> list[Bin]:
    """Return the bins of a heatmap's value, none where there is no value. Raises UnknownFormError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnknownFormError
    found = []
    for one in value:
        numbers = [
            value_of(one.get(name)) if isinstance(one, dict) else None for name in ("low", "high", "count")
        ]
        low, high, count = numbers
        if low is None or high is None or count is None or not low < high:
            raise UnknownFormError
        found.append(Bin(low, high, count))
    return found


class Scale:
    """Rows of one height, *rows_max* at most, that *there*, bins of one width, fit into whole.

    Rows between them that nothing fell into are there too. Raises UnknownFormError for bins of other widths,
    and for those too far out for it.
    """

    def __init__(self, there: Sequence[Bin], rows_max: int) -> None:
        self._width = there[0].high - there[0].low if there else 1.0
        if any(not math.isclose(one.high - one.low, self._width, rel_tol=_TOLERANCE) for one in there):
            raise UnknownFormError
        if not all(abs(one.low) <= PLACES_MAX * self._width for one in there):
            raise UnknownFormError
        numbers = [self._number(one) for one in there] or [0]
        lowest, highest = min(numbers), max(numbers)
        fitting = (one for one in _MERGED if highest // one - lowest // one < rows_max)
        self._merged = next(fitting, -(-(highest - lowest + 1) // rows_max) + 1)
        self._first = lowest // self._merged
        self.count = (highest // self._merged - self._first + 1) if there else 0

    def row(self, one: Bin) -> int:
        """Return the row of *one*, 0 for the lowest."""
        return self._number(one) // self._merged - self._first

    def bounds(self, row: int) -> tuple[float, float]:
        """Return from where and up to where values are in *row*."""
        height = self._merged * self._width
        return (self._first + row) * height, (self._first + row + 1) * height

    def _number(self, one: Bin) -> int:
        return round(one.low / self._width)
