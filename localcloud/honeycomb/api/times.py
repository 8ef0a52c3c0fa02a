"""Times as the API writes them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from localcloud.honeycomb.numbers import NANOSECONDS

Clock = Callable[[], int]
"""Tells nanoseconds since 1970."""

now_ns: Clock = time.time_ns


def text_of(time_ns: int) -> str:
    """Return `2022-07-26T22:38:05Z`."""
    return f"{datetime.fromtimestamp(time_ns // NANOSECONDS, UTC):%Y-%m-%dT%H:%M:%SZ}"
