"""What came in and isn't among the stored traces yet."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Arrivals:
    """What came of one trace, in the order of its coming.

    `times` are theirs (epoch seconds), `since` is the number of the first among all that came.
    """

    since: int
    times: list[float] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)

    @property
    def received_at(self) -> float:
        """When the last came (epoch seconds)."""
        return self.times[-1]


class Pending:
    """Documents by trace, those to which nothing came for longest first. Safe to use from several threads.

    `arrived` counts all that ever came.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._traces: dict[str, Arrivals] = {}
        self.arrived = 0
        self.documents = 0
        self.size_bytes = 0

    def add(self, trace_id: str, text: bytes, now: float) -> None:
        """Keep a document that came now."""
        with self._lock:
            self.arrived += 1
            arrivals = self._traces.pop(trace_id, None) or Arrivals(self.arrived)
            self._traces[trace_id] = arrivals
            arrivals.times.append(now)
            arrivals.texts.append(text)
            self.documents += 1
            self.size_bytes += len(text)

    def take(self, documents: int, wanted: Callable[[Arrivals], bool]) -> dict[str, Arrivals]:
        """Remove and return wanted traces, of about so many documents."""
        with self._lock:
            chosen: dict[str, Arrivals] = {}
            count = 0
            for trace_id, arrivals in self._traces.items():
                if count >= documents:
                    break
                if wanted(arrivals):
                    chosen[trace_id] = arrivals
                    count += len(arrivals.texts)
            for trace_id in chosen:
                del self._traces[trace_id]
            self._count(chosen, -1)
            return chosen

    def put_back(self, taken: Mapping[str, Arrivals]) -> None:
        """Keep what was taken and couldn't be stored, before what came since."""
        with self._lock:
            for trace_id, arrivals in taken.items():
                newer = self._traces.pop(trace_id, None)
                if newer is not None:
                    arrivals.times += newer.times
                    arrivals.texts += newer.texts
                    self._count({trace_id: newer}, -1)
            self._traces = {**taken, **self._traces}
            self._count(taken, 1)

    def _count(self, traces: Mapping[str, Arrivals], sign: int) -> None:
        texts = [text for arrivals in traces.values() for text in arrivals.texts]
        self.documents += sign * len(texts)
        self.size_bytes += sign * sum(map(len, texts))
