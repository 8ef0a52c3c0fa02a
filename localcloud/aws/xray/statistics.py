"""What clients reported of their sampling (source: the X-Ray API, GetSamplingStatisticSummaries)."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

WINDOW_SECONDS = 10
WINDOWS_KEPT = 26 * 6 * 30
"""Half an hour of windows for all the rules that there can be."""


@dataclass(slots=True)
class Window:
    """Counts of one rule in one window, over all clients."""

    requests: int = 0
    borrowed: int = 0
    sampled: int = 0


class SamplingStatistics:
    """Reported counts by rule in windows of ten seconds; the oldest are forgotten."""

    def __init__(self) -> None:
        self._windows: OrderedDict[tuple[str, int], Window] = OrderedDict()

    def add(self, document: dict[str, Any]) -> None:
        """Count one of the API's `SamplingStatisticsDocument`."""
        start = int(document["Timestamp"] // WINDOW_SECONDS) * WINDOW_SECONDS
        window = self._windows.setdefault((document["RuleName"], start), Window())
        window.requests += document["RequestCount"]
        window.borrowed += document.get("BorrowCount", 0)
        window.sampled += document["SampledCount"]
        while len(self._windows) > WINDOWS_KEPT:
            self._windows.popitem(last=False)

    def to_api(self) -> list[dict[str, Any]]:
        """Return the API's `SamplingStatisticSummaries`."""
        return [
            {
                "RuleName": rule_name,
                "Timestamp": float(start),
                "RequestCount": window.requests,
                "BorrowCount": window.borrowed,
                "SampledCount": window.sampled,
            }
            for (rule_name, start), window in self._windows.items()
        ]
