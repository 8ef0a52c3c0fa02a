"""The newest of many traces, in memory that doesn't grow with how many there are."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

from scripts.traces.reading import started

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef

LAST_MAX = 100_000


class Newest:
    """The *most* traces that began last, each once; one that was seen whole is kept as that.

    ``left_out`` tells that there were more.
    """

    def __init__(self, most: int, last_max: int = LAST_MAX) -> None:
        self._most = most
        self._kept: dict[str, TraceSummaryTypeDef] = {}
        self._order: list[tuple[float, str]] = []
        self._last: deque[tuple[str, bool]] = deque(maxlen=last_max)
        self.left_out = False

    @property
    def kept(self) -> Collection[TraceSummaryTypeDef]:
        """The newest, in no order."""
        return self._kept.values()

    @property
    def last(self) -> Collection[tuple[str, bool]]:
        """Those of the last minutes, a hundred thousand at most: id, and whether it was seen whole."""
        return self._last

    def take(self, summaries: Iterable[TraceSummaryTypeDef], *, is_last: bool = False) -> None:
        """Take *summaries*, those of the last minutes where *is_last*."""
        for summary in summaries:
            if is_last:
                self._last.append((summary["Id"], not summary.get("IsPartial")))
            self._take(summary)

    def _take(self, summary: TraceSummaryTypeDef) -> None:
        identity = summary["Id"]
        if identity in self._kept:
            if not summary.get("IsPartial"):
                self._kept[identity] = summary
            return
        entry = (started(summary), identity)
        if len(self._order) < self._most:
            heapq.heappush(self._order, entry)
        else:
            self.left_out = True
            _, dropped = heapq.heappushpop(self._order, entry)
            if dropped == identity:
                return
            del self._kept[dropped]
        self._kept[identity] = summary
