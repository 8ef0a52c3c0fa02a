"""The window that a query is run over, so that nothing of it is cut off.

Honeycomb takes start and end back to whole minutes, in windows over 6 hours to 5 minutes, over 2 days to 30
(docs.honeycomb.io, api/query-results): of the last ten minutes it would leave out what happened just now.
"""

from __future__ import annotations

import math

from scripts.queries.specification import TIME_RANGE_MAX_SECONDS

_STEPS_SECONDS = ((6 * 3600, 60), (2 * 86400, 300), (TIME_RANGE_MAX_SECONDS, 1800))


def around(now: float, since: int) -> tuple[int, int]:
    """Return start and end, epoch seconds, of a window that has the last *since* seconds before *now*.

    Both are where Honeycomb would cut, the end after *now*. Seven days, its limit, begin that much later.
    """
    for longest, step in _STEPS_SECONDS:
        begin = math.floor((now - since) / step) * step
        end = (math.floor(now / step) + 1) * step
        if end - begin <= longest:
            return begin, end
    return end - TIME_RANGE_MAX_SECONDS, end
