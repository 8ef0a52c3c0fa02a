"""Bins of heatmaps.

Honeycomb's own shape of a heatmap's value is not known. Ours is a list of `{"low", "high", "count"}`, from
the lowest bin with values on: how many events, by their sample rates, have a value from `low` up to and
without `high`. All bins of a result have one width: 1, 2 or 5 times a power of ten.
"""

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

BINS_MAX = 50
_SHARE_MIN = 2.0**-44
"""Of the greatest value a bin is at least so wide: so a quotient is never off by more than one bin."""


def bin_width(least: float, greatest: float) -> float:
    """Return the least usual width with which at most 50 bins hold all values."""
    needed = greatest / BINS_MAX - least / BINS_MAX
    if needed <= 0:
        needed = abs(greatest) / BINS_MAX or 1.0
    needed = max(needed, abs(least) * _SHARE_MIN, abs(greatest) * _SHARE_MIN)
    exponent = max(math.floor(math.log10(needed)) - 1, -300)
    while True:
        for step in (1, 2, 5):
            width = float(f"{step}e{exponent}")
            if width >= needed and bin_of(greatest, width) - bin_of(least, width) < BINS_MAX:
                return width
        exponent += 1


@dataclass(frozen=True, slots=True)
class Bins:
    """The bins that hold all values, and one more on either side.

    first: the first one's number. bounds: the least value of each, and of the one behind the last.
    """

    width: float
    first: int
    bounds: list[float]


def bins_for(least: float, greatest: float) -> Bins:
    """Return the bins for values from `least` to `greatest`."""
    width = bin_width(least, greatest)
    first, end = bin_of(least, width) - 1, bin_of(greatest, width) + 2
    return Bins(width, first, [bound(number, width) for number in range(first, end + 1)])


def bin_of(value: float, width: float) -> int:
    """Return the number of the bin that a value is in, by the bounds that are shown."""
    number = math.floor(value / width)
    if value < bound(number, width):
        return number - 1
    return number + 1 if value >= bound(number + 1, width) else number


def bound(number: int, width: float) -> float:
    """Return the least value of a bin: the float next to the decimal, as 0.3 for number 3 of width 0.1."""
    try:
        return float(number * Decimal(str(width)))
    except OverflowError:
        return math.copysign(math.inf, number)


def shown_bins(counts: Iterable[tuple[int, int]], width: float) -> list[dict[str, Any]]:
    """Return the bins by their numbers and counts; number 3 of width 5 is from 15 to 20."""
    return [
        {"low": _shown(number, width), "high": _shown(number + 1, width), "count": count}
        for number, count in counts
    ]


def _shown(number: int, width: float) -> float:
    """Return a bin's bound as JSON can have it."""
    return max(-sys.float_info.max, min(bound(number, width), sys.float_info.max))
