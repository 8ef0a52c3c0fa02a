"""How long to wait before the next try."""

import time
from email.utils import parsedate_to_datetime

from services.tracing.randomness import RANDOM

FIRST_BACKOFF_SECONDS = 0.5
BACKOFF_MAX_SECONDS = 8.0
RETRY_AFTER_MAX_SECONDS = 30.0


def backoff_seconds(attempt: int) -> float:
    """Return the wait after an attempt (0 is the first): doubled each time, less up to half at random."""
    longest = min(BACKOFF_MAX_SECONDS, FIRST_BACKOFF_SECONDS * float(2**attempt))
    return longest * RANDOM.uniform(0.5, 1.0)


def retry_after_seconds(header: str | None) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date; None where there is none that can be read."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(RETRY_AFTER_MAX_SECONDS, max(0.0, seconds)) if seconds == seconds else None
