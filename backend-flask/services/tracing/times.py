"""Times as both sinks take them."""

from typing import Any

TIME_MAX = 2**64 - 1
"""Nanoseconds since 1970: what OTLP has room for, in the year 2554."""


def bounded_nanoseconds(time: Any) -> int:
    """Return a span's time, an integer from 0 to TIME_MAX whatever it is: what is no time is 0."""
    if time.__class__ is int and 0 <= time <= TIME_MAX:
        return time
    try:
        return int(min(max(0, time), TIME_MAX))  # the 0 first: it is what NaN is not above
    except (TypeError, ValueError):
        return 0
