"""The events that are in the database, and what is known of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from localcloud.honeycomb.store.batch import Arrived, to_segment
from localcloud.honeycomb.store.catalogue import DatasetRecords, Record
from localcloud.honeycomb.store.model import StoredEvent
from localcloud.honeycomb.store.segments import Segment
from localcloud.honeycomb.store.tables import Tables, to_join
from localcloud.honeycomb.store.view import View

FILE_NAME = "honeycomb.duckdb"


class Contents:
    """Segments of events and the catalogue of datasets, bounded. Its owner lets one thread in at a time.

    Events are numbered in order of arrival; those below `floor` are gone. `counters` counts what is refused
    or dropped here. `is_read` tells whether a view is in use.
    """

    def __init__(
        self, path: Path | None, capacity_events: int, capacity_bytes: int, is_read: Callable[[], bool]
    ) -> None:
        self._is_read = is_read
        self._capacity_events = capacity_events
        self._capacity_bytes = capacity_bytes
        self._tables = Tables(None if path is None else path / FILE_NAME)
        self.catalogue = DatasetRecords()
        self.counters: Counter[str] = Counter()
        self._replaced: list[Segment] = []
        self._segments, records, self._floor = self._tables.restore()
        self.catalogue.restore(records)
        self._next = max([self._floor, *(segment.last + 1 for segment in self._segments)])
        self._kept = self._size = 0
        for segment in self._segments:
            self._count(segment.events, segment.size, segment.datasets)
        if self._segments and self._segments[0].first < self._floor:
            head = self._segments[0]
            self._uncount(*self._tables.before(head, self._floor))

    @property
    def kept(self) -> int:
        """How many events there are."""
        return self._kept

    @property
    def is_scattered(self) -> bool:
        """Whether there are small segments that should become one."""
        return to_join(self._segments) > 0

    def view(self) -> View:
        """Return what is there now, for one reader; its tables stay until `remove_replaced`."""
        names = {record.number: record.name for record in self.catalogue.kept()}
        return View(self._tables.cursor(), tuple(self._segments), self._floor, names)

    def write(self, events: Sequence[StoredEvent], clock: Callable[[], int]) -> None:
        """Take events in, in order of arrival; all of them, or none where that fails."""
        now = clock()
        arrived = []
        touched: dict[int, Record] = {}
        refused = 0
        for event in events:
            record = self.catalogue.record(event.dataset, now)
            if record is None:
                refused += 1
                continue
            touched[record.number] = record
            record.last_written_at = now
            arrived.append(Arrived(event, record.number))
        if arrived:
            self._append(arrived, touched, now)
        if refused:
            self.counters["stored"] -= refused
            self.counters["refused"] += refused
            self.counters["refused.too_many_datasets"] += refused

    def drop_oldest(self) -> None:
        """Let the oldest events go, as long as there are too many, or memory is short.

        A dataset goes with its last event, its columns too.
        """
        while self._segments:
            events = self._kept - self._capacity_events
            size = self._size - self._capacity_bytes
            if events <= 0 and size <= 0:
                break
            self._drop(events, size)
        while len(self._segments) > 1 and self.remove_replaced() and self._tables.is_short_of_memory():
            self._drop(self._kept, 0)
        for record in self.catalogue.empty():
            self._tables.forget_dataset(record.number)
            self.catalogue.forget(record)

    def join(self) -> None:
        """Join small segments; where there is no memory for that, the oldest one goes instead."""
        while count := to_join(self._segments):
            parts = self._segments[-count:]
            try:
                whole = self._tables.join(parts, self._floor)
            except duckdb.OutOfMemoryException:
                self._drop(self._kept, 0)
                return
            self._segments[-count:] = [whole]
            self._replaced += parts

    def compress(self) -> None:
        """Write new segments compactly, unless a view is in use, which may take memory: then another time."""
        if not self._is_read():
            self._tables.compress()

    def remove_replaced(self) -> bool:
        """Remove the tables of segments that were joined or dropped; False where a view may have them."""
        if self._is_read():
            return not self._replaced
        self._tables.drop(self._replaced)
        self._replaced.clear()
        return True

    def forget_dataset(self, record: Record) -> None:
        """Forget a dataset with its events and columns."""
        for index, segment in enumerate(self._segments):
            if record.number in segment.datasets:
                self._size -= self._tables.size_of(segment, record.number, self._floor)
                self._segments[index] = self._tables.delete(segment, record.number)
        self._kept -= record.events
        self.counters["deleted"] += record.events
        self._tables.forget_dataset(record.number)
        self.catalogue.forget(record)

    def close(self) -> None:
        """Write everything out and close the database."""
        try:
            self.remove_replaced()
        finally:
            self._tables.close()

    def _append(self, arrived: Sequence[Arrived], touched: Mapping[int, Record], now: int) -> None:
        def admit(dataset: int, name: str, kinds: set[str]) -> bool:
            if self.catalogue.admit(dataset, name, kinds, now):
                return True
            self.counters["refused_columns"] += 1
            return False

        segment, rows = to_segment(self._tables.next_number(), self._next, arrived, admit)
        while True:
            try:
                self._tables.create(segment, rows, touched.values())
                break
            except duckdb.OutOfMemoryException:
                if not self._segments or not self.remove_replaced():
                    raise
                self._drop(self._kept, 0)
                self.remove_replaced()
        self._next = segment.last + 1
        self._segments.append(segment)
        self._count(segment.events, segment.size, segment.datasets)

    def _drop(self, events: int, size: int) -> None:
        """Drop as many events, and as many bytes, as the oldest segment has of them."""
        segment = self._segments[0]
        self._floor, went, gone = self._tables.cut(segment, self._floor, events, size)
        self._uncount(went, gone)
        self.counters["dropped_oldest"] += gone.total()
        empty = [segment] if self._floor > segment.last else []
        self._segments = self._segments[len(empty) :]
        self._replaced += empty
        self._tables.forget(empty, self._floor)

    def _count(self, events: int, size: int, datasets: Mapping[int, int]) -> None:
        self._kept += events
        self._size += size
        self.catalogue.count(datasets)

    def _uncount(self, size: int, gone: Mapping[int, int]) -> None:
        self._count(-sum(gone.values()), -size, {number: -count for number, count in gone.items()})
