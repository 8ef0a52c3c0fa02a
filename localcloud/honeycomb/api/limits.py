"""How often query results may be made, and the switch of it for tests."""

import math
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.times import Clock
from localcloud.honeycomb.errors import ControlError
from localcloud.honeycomb.numbers import NANOSECONDS

QUERY_RESULTS_PER_MINUTE = 10
_WINDOW_SECONDS = 60
_MEMBERS = ("query_results_per_minute", "truncate_windows")


class Limits:
    """Limits on query results (reference: Honeycomb API, Query Data).

    query_results_per_minute: how many may be made in a minute; None for any number.
    truncate_windows: whether a query's window ends and begins at a whole minute, 5 or 30 minutes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.query_results_per_minute: int | None = QUERY_RESULTS_PER_MINUTE
        self.truncate_windows = True
        self._window_end = 0.0
        self._taken = 0

    def take_query_result(self) -> dict[str, str]:
        """Count one more query result; return the headers that tell how many are left.

        Raises:
            ApiError: 429, there were too many in this minute.
        """
        limit = self.query_results_per_minute
        if limit is None:
            return {}
        now = self._clock() / NANOSECONDS
        if now >= self._window_end:
            self._window_end, self._taken = now + _WINDOW_SECONDS, 0
        reset = math.ceil(self._window_end - now)
        remaining = max(limit - self._taken - 1, 0)
        headers = {
            "ratelimit": f"limit={limit}, remaining={remaining}, reset={reset}",
            "ratelimitpolicy": f"{limit};w={_WINDOW_SECONDS}",
        }
        if self._taken >= limit:
            headers["retry-after"] = formatdate(math.ceil(self._window_end), usegmt=True)
            raise problems.rate_limited(f"This endpoint allows {limit} requests per minute.", headers)
        self._taken += 1
        return headers

    def set(self, document: object) -> None:
        """Change what a JSON document names; the minute begins anew.

        Raises:
            ControlError: a member is unknown or out of its range.
        """
        if not isinstance(document, Mapping) or not set(document) <= set(_MEMBERS):
            raise ControlError(f"limits: expected a JSON object with the members {', '.join(_MEMBERS)}")
        per_minute = document.get("query_results_per_minute", self.query_results_per_minute)
        truncate = document.get("truncate_windows", self.truncate_windows)
        if per_minute is not None and (type(per_minute) is not int or not 0 <= per_minute <= 1_000_000):
            raise ControlError(
                "limits: query_results_per_minute: expected a whole number from 0 to 1000000, or null"
            )
        if not isinstance(truncate, bool):
            raise ControlError("limits: truncate_windows: expected true or false")
        self.query_results_per_minute, self.truncate_windows = per_minute, truncate
        self._window_end = 0.0

    def describe(self) -> dict[str, Any]:
        """Return the limits as `set` takes them."""
        return {name: getattr(self, name) for name in _MEMBERS}
