"""What clients reported of their sampling (source: the X-Ray API, GetSamplingStatisticSummaries)."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

WINDOW_SECONDS = 10
WINDOWS_KEPT = 26 * 6 * 30
"""Half an hour of windows for all the rules that there can be."""
COUNT_MAX = 2**31 - 1
"""The API's counts are integers of 32 bits: clients in other languages could read no more."""
Key = tuple[int, str]
"""A window's start (epoch seconds) and its rule's name."""


@dataclass(slots=True)
class Window:
    """Counts of one rule in one window, over all clients."""

    requests: int = 0
    borrowed: int = 0
    sampled: int = 0

    def add(self, document: dict[str, Any]) -> None:
        """Add what one client reported."""
        self.requests = min(COUNT_MAX, self.requests + document["RequestCount"])
        self.borrowed = min(COUNT_MAX, self.borrowed + document.get("BorrowCount", 0))
        self.sampled = min(COUNT_MAX, self.sampled + document["SampledCount"])


class SamplingStatistics:
    """Reported counts by rule in windows of ten seconds; the first to come are the first forgotten."""

    def __init__(self) -> None:
        self._windows: OrderedDict[Key, Window] = OrderedDict()

    def add(self, document: dict[str, Any]) -> None:
        """Count one of the API's `SamplingStatisticsDocument`."""
        start = int(document["Timestamp"] // WINDOW_SECONDS) * WINDOW_SECONDS
        self._windows.setdefault((start, document["RuleName"]), Window()).add(document)
        while len(self._windows) > WINDOWS_KEPT:
            self._windows.popitem(last=False)

    def page(self, after: Key | None, size: int) -> tuple[list[dict[str, Any]], Key | None]:
        """Return up to `size` of the API's `SamplingStatisticSummary` by time and rule.

        `after` is the last window of the page before; what comes second is the page's own, None where it is
        the last page.
        """
        keys = sorted(key for key in self._windows if after is None or key > after)
        shown = keys[:size]
        return [self._to_api(key) for key in shown], shown[-1] if len(keys) > size else None

    def _to_api(self, key: Key) -> dict[str, Any]:
        start, rule_name = key
        window = self._windows[key]
        return {
            "RuleName": rule_name,
            "Timestamp": float(start),
            "RequestCount": window.requests,
            "BorrowCount": window.borrowed,
            "SampledCount": window.sampled,
        }
