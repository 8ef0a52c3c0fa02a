"""The time that a query looks at, and the parts of it that series have."""

from dataclasses import dataclass

from localcloud.honeycomb.numbers import NANOSECONDS
from localcloud.honeycomb.query.model import Query

BUCKETS_USUAL = 120
_STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
_TRUNCATED_SECONDS = ((6 * 3_600, 60), (2 * 86_400, 300), (7 * 86_400, 1_800))
"""How long a window is at most, and to what its ends are truncated (Honeycomb API, Query Data)."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to and without `end`, in seconds since 1970; `granularity` in seconds."""

    start: int
    end: int
    granularity: int

    @property
    def seconds(self) -> int:
        """Return how long the window is."""
        return self.end - self.start

    def truncated(self) -> "Window":
        """Return the window as Honeycomb's Query Data API cuts it: both ends back to a whole step."""
        for most, step in _TRUNCATED_SECONDS:
            if self.seconds <= most:
                return Window(self.start // step * step, self.end // step * step, self.granularity)
        return self


def window(query: Query, now: int) -> Window:
    """Return the window of a query; `now` in nanoseconds since 1970.

    One that ends now ends with the second that has begun, so that nothing already stored is missed. Parts
    are as long as the query says, or as long as makes some 120 of them, and begin at whole multiples of
    their length since 1970.
    """
    seconds = query.duration
    if query.start_time is not None:
        start, end = query.start_time, query.start_time + seconds
    elif query.end_time is not None:
        start, end = query.end_time - seconds, query.end_time
    else:
        end = now // NANOSECONDS + 1
        start = end - seconds
    return Window(max(start, 0), end, query.granularity or usual_granularity(seconds))


def usual_granularity(seconds: int) -> int:
    """Return the length of parts for a window of so many seconds."""
    for step in _STEPS_SECONDS:
        if step * BUCKETS_USUAL >= seconds:
            return step
    return -(-seconds // (BUCKETS_USUAL * 86_400)) * 86_400
