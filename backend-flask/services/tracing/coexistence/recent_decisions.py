"""The decisions of the spans that are open or ended lately, in bounded memory."""

import threading
from collections import OrderedDict

from services.tracing.rules.reservoir import Decision

CAPACITY_SPANS = 32_768
"""About 5 MB. A span that never ends leaves when so many others were looked up after it."""


class RecentDecisions:
    """Decisions by span id; what was neither put nor asked for the longest time goes first. Thread-safe."""

    def __init__(self, capacity: int = CAPACITY_SPANS) -> None:
        self._capacity = capacity
        self._decisions: OrderedDict[int, Decision] = OrderedDict()
        # Reentrant: the garbage collector may begin or end a span while this thread looks one up.
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._decisions)

    def put(self, span_id: int, decision: Decision) -> None:
        """Remember a span's decision."""
        with self._lock:
            self._decisions[span_id] = decision
            if len(self._decisions) > self._capacity:
                self._decisions.popitem(last=False)

    def get(self, span_id: int) -> Decision | None:
        """Return a span's decision; None where it isn't known, or not any more."""
        with self._lock:
            decision = self._decisions.get(span_id)
            if decision is not None:
                self._decisions.move_to_end(span_id)
            return decision
