"""Numbers that all of it goes by."""

import re

NANOSECONDS = 1_000_000_000
"""In a second."""

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
"""Of a 64-bit integer, which is what a field can hold."""

NUMBER_TEXT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""What a text must be, as a whole, to say a number."""


def is_integer(number: int) -> bool:
    """Whether a field can hold `number` as an integer."""
    return INTEGER_MIN <= number <= INTEGER_MAX
