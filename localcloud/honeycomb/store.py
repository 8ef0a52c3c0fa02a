"""What the local Honeycomb keeps, in memory."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from localcloud.honeycomb.attributes import Fields
from localcloud.honeycomb.datasets import dataset_slug
from localcloud.honeycomb.events import Event, trace_id_text
from localcloud.honeycomb.limits import fit, reason_to_refuse

CAPACITY_EVENTS = 100_000
CAPACITY_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as it is kept; `time` in nanoseconds since 1970, `dataset` the dataset's name."""

    dataset: str
    time: int
    sample_rate: int
    fields: Fields
    size: int


@dataclass(slots=True)
class Dataset:
    """A dataset; its name is cased as in its first event."""

    name: str
    events: int = 0

    @property
    def slug(self) -> str:
        """What stands for the dataset in a URL."""
        return dataset_slug(self.name)


class EventStore:
    """Events in order of arrival; when full, the oldest goes and is counted. Safe to use from threads."""

    def __init__(
        self,
        *,
        capacity_events: int = CAPACITY_EVENTS,
        capacity_bytes: int = CAPACITY_BYTES,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._capacity_events = capacity_events
        self._capacity_bytes = capacity_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._events: deque[StoredEvent] = deque()
        self._bytes = 0
        self._traces: dict[str, deque[StoredEvent]] = {}
        self._datasets: dict[str, Dataset] = {}
        self._counters: Counter[str] = Counter(received=0, stored=0, refused=0, dropped_oldest=0)

    def add(self, events: Iterable[Event]) -> None:
        """Store `events`; one that lies in the future gets the time of its arrival, as Honeycomb does."""
        for event in events:
            fields, size = fit(event.fields)
            reason = reason_to_refuse(fields, size)
            with self._lock:
                self._counters["received"] += 1
                if reason is None:
                    time_ns = min(event.time, self._clock())
                    self._store(StoredEvent(event.dataset, time_ns, event.sample_rate, fields, size))
                else:
                    self._counters["refused"] += 1
                    self._counters[f"refused.{reason}"] += 1

    def trace(self, trace_id: str) -> list[StoredEvent]:
        """Return the events of the trace with this id of 32 (or 16) hex digits, by time."""
        shown = trace_id_text(bytes.fromhex(trace_id))
        with self._lock:
            found = list(self._traces.get(shown, ()))
        return sorted(found, key=lambda event: event.time)

    def page(self, first: int, size: int) -> tuple[list[StoredEvent], int | None]:
        """Return at most `size` events from number `first` on, and the number to go on with, None at the end.

        Events are numbered from 0 in order of arrival; numbers of events that had to go are passed over.
        """
        with self._lock:
            gone = self._counters["dropped_oldest"]
            begin = max(first - gone, 0)
            found = list(islice(self._events, begin, begin + size))
            after = begin + len(found)
            return found, gone + after if after < len(self._events) else None

    def datasets(self) -> list[Dataset]:
        """Return the datasets that have events, by name."""
        with self._lock:
            return sorted(
                (Dataset(dataset.name, dataset.events) for dataset in self._datasets.values()),
                key=lambda dataset: dataset.name.lower(),
            )

    def counters(self) -> dict[str, int]:
        """Return what happened to all events so far, and how many are kept."""
        with self._lock:
            return {**self._counters, "kept": len(self._events)}

    def _store(self, event: StoredEvent) -> None:
        dataset = self._datasets.setdefault(event.dataset.lower(), Dataset(event.dataset))
        dataset.events += 1
        self._events.append(event)
        self._bytes += event.size
        self._traces.setdefault(_trace_of(event), deque()).append(event)
        self._counters["stored"] += 1
        while len(self._events) > self._capacity_events or self._bytes > self._capacity_bytes:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        event = self._events.popleft()
        self._bytes -= event.size
        self._counters["dropped_oldest"] += 1
        trace = self._traces[_trace_of(event)]
        trace.popleft()
        if not trace:
            del self._traces[_trace_of(event)]
        dataset = self._datasets[event.dataset.lower()]
        dataset.events -= 1
        if not dataset.events:
            del self._datasets[event.dataset.lower()]


def _trace_of(event: StoredEvent) -> str:
    return str(event.fields.get("trace.trace_id", ""))
