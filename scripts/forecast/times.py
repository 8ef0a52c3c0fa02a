"""Times as files have them: ISO 8601, or seconds since 1970."""

from __future__ import annotations

import math
from datetime import UTC, datetime

_SECONDS_MAX = 2**32


def iso_seconds(text: str) -> int | None:
    """Return the epoch second of *text*, ISO 8601 or a number of seconds; None where it is neither.

    A time without an offset is UTC.
    """
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text)
            seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    if not math.isfinite(seconds) or not 0 <= seconds < _SECONDS_MAX:
        return None
    return int(seconds)
