"""The store of events, as the rest of the local Honeycomb sees it."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import duckdb

from localcloud.honeycomb.errors import StorageError
from localcloud.honeycomb.events import Event, trace_id_text
from localcloud.honeycomb.limits import fit, reason_to_refuse
from localcloud.honeycomb.store.catalogue import shown, shown_columns
from localcloud.honeycomb.store.contents import Contents
from localcloud.honeycomb.store.failure import Failure
from localcloud.honeycomb.store.model import ColumnInfo, Dataset, StoredEvent
from localcloud.honeycomb.store.view import View

CAPACITY_EVENTS = 2_000_000
CAPACITY_BYTES = 3 * 1024**3
"""As JSON, by estimate; docs/local-cloud.md says what that is in memory."""

HOT_EVENTS = 16_384
HOT_BYTES = 32 * 1024**2
"""How much waits in memory before a thread takes it into the database."""

HOT_SHARE_MAX = 4
"""So many times that may wait; then whoever adds more does that work."""

FILE_DELAY_SECONDS = 1.0
"""How long an event waits at most on its way into a file."""

_TRACE_ID = ("trace.trace_id", "t")


class EventStore:
    """Events in order of arrival; when full, the oldest goes and is counted. Safe to use from threads.

    In memory, or with `path`, a folder, in a file there. What was added is seen by every later read; reads
    take their time, so none belongs on an event loop.

    Where the database fails, as where the disk is full, whoever adds or reads is told (StorageError), and
    the log once. What was taken waits for another try, and nothing more is taken than may wait. A database
    that DuckDB gave up stays so.

    Raises:
        DataError: the file can't be used.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        capacity_events: int = CAPACITY_EVENTS,
        capacity_bytes: int = CAPACITY_BYTES,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._clock = clock
        self._delay = None if path is None else FILE_DELAY_SECONDS
        # Whoever holds both took _writing first.
        self._writing = threading.RLock()
        self._contents = Contents(path, capacity_events, capacity_bytes, lambda: self._readers > 0)
        self._lock = threading.Lock()
        self._hot: list[StoredEvent] = []
        self._hot_bytes = 0
        self._counters: Counter[str] = Counter(received=0, stored=0, refused=0, dropped_oldest=0)
        self._readers = 0
        self._worker: threading.Thread | None = None
        self._hurry = threading.Event()
        self._is_closed = False
        self._failure = Failure()

    @property
    def is_full(self) -> bool:
        """Whether as much waits as may, so that `add` takes its time."""
        return self._hot_share() > HOT_SHARE_MAX

    def add(self, events: Iterable[Event]) -> None:
        """Store `events`; one that lies in the future gets the time of its arrival, as Honeycomb does.

        Raises:
            StorageError: the database fails; those before are stored.
        """
        self._failure.check()
        for event in events:
            if self.is_full:
                self.flush()
            fields, size = fit(event.fields)
            reason = reason_to_refuse(fields, size)
            time_ns = min(event.time, self._clock())
            with self._lock:
                self._counters["received"] += 1
                if reason is None:
                    self._hot.append(StoredEvent(event.dataset, time_ns, event.sample_rate, fields, size))
                    self._hot_bytes += size
                    self._counters["stored"] += 1
                else:
                    self._counters["refused"] += 1
                    self._counters[f"refused.{reason}"] += 1
        self._wake_worker()

    def trace(self, trace_id: str) -> list[StoredEvent]:
        """Return the events of the trace with this id of 32 (or 16) hex digits, by time."""
        wanted = trace_id_text(bytes.fromhex(trace_id))
        found: list[StoredEvent] = []
        with self.reading() as view:
            for segment in view.segments:
                value = segment.layout.value(_TRACE_ID, lambda _: "$field")
                if value is not None:
                    parameters = {"wanted": wanted} | ({"field": _TRACE_ID[0]} if "$field" in value else {})
                    found += view.events([segment], f"{value} = $wanted", parameters)
        return sorted(found, key=lambda event: event.time)

    def page(self, first: int, size: int) -> tuple[list[StoredEvent], int | None]:
        """Return at most `size` events from number `first` on, and the number to go on with, None at the end.

        Events are numbered from 0 in order of arrival; numbers of events that had to go are passed over.
        """
        found: list[StoredEvent] = []
        with self.reading() as view:
            begin = max(first, view.floor)
            end = view.segments[-1].last + 1 if view.segments else begin
            while begin < end and len(found) < size:
                following = min(begin + size - len(found), end)
                segments = [one for one in view.segments if one.last >= begin and one.first < following]
                found += view.events(segments, f"seq BETWEEN {begin} AND {following - 1}", {})
                begin = following
            return found, begin if begin < end else None

    def datasets(self) -> list[Dataset]:
        """Return the datasets that have events, by name."""
        self.flush()
        with self._writing:
            return [shown(record) for record in self._contents.catalogue.kept()]

    def dataset(self, slug: str) -> Dataset | None:
        """Return the dataset with this slug, None where no event is kept of one."""
        self.flush()
        with self._writing:
            record = self._contents.catalogue.by_slug(slug)
            return None if record is None else shown(record)

    def columns(self, slug: str) -> list[ColumnInfo]:
        """Return the columns of a dataset, by name; they stay when the events that had them went."""
        self.flush()
        with self._writing:
            record = self._contents.catalogue.by_slug(slug)
            return [] if record is None else shown_columns(record)

    def column_names(self, slug: str | None = None) -> set[str]:
        """Return the names of a dataset's columns, or of all datasets'."""
        self.flush()
        with self._writing:
            catalogue = self._contents.catalogue
            if slug is None:
                return {name for record in catalogue.kept() for name in record.columns}
            one = catalogue.by_slug(slug)
            return set() if one is None else set(one.columns)

    def delete_dataset(self, slug: str) -> None:
        """Forget a dataset, its events and its columns; nothing happens where there is none."""
        self.flush()
        with self._writing:
            record = self._contents.catalogue.by_slug(slug)
            if record is not None:
                with self._failure.told():
                    self._contents.forget_dataset(record)

    def counters(self) -> dict[str, int]:
        """Return what happened to all events since the start, and how many are kept."""
        self.flush()
        with self._writing, self._lock:
            counters = self._counters + self._contents.counters
            return {**dict.fromkeys(self._counters, 0), **counters, "kept": self._contents.kept}

    @contextlib.contextmanager
    def reading(self) -> Iterator[View]:
        """Give out what is stored now, for the length of the block."""
        self.flush()
        with self._writing, self._failure.told():
            view = self._contents.view()
            with self._lock:
                self._readers += 1
        try:
            with self._failure.told():
                yield view
        finally:
            view.cursor.close()
            with self._lock:
                self._readers -= 1

    def flush(self) -> None:
        """Take what was added into the database.

        Raises:
            StorageError: that fails.
        """
        with self._writing, self._failure.told():
            self._failure.check()
            with self._lock:
                hot, self._hot = self._hot, []
                size, self._hot_bytes = self._hot_bytes, 0
            if not hot:
                return
            try:
                self._contents.write(hot, self._clock)
            except duckdb.Error:
                # Nothing that was taken is lost.
                with self._lock:
                    self._hot = hot + self._hot
                    self._hot_bytes += size
                raise
            self._failure.end()
            self._contents.drop_oldest()
            self._wake_worker()

    def compact(self) -> None:
        """Join small segments, write them compactly, and remove what nobody reads any more."""
        with self._writing, self._failure.told():
            self._contents.join()
            self._contents.remove_replaced()
            self._contents.compress()

    def close(self) -> None:
        """Take everything into the database and close it; the store can't be used then.

        Raises:
            StorageError: that fails; what was taken last is lost.
        """
        self._is_closed = True
        self._hurry.set()
        worker = self._worker
        if worker is not None:
            worker.join()
        with self._writing:
            try:
                self.flush()
            finally:
                self._close_contents()

    def _close_contents(self) -> None:
        try:
            with self._failure.told():
                self._contents.close()
        except StorageError:
            self._failure.check()  # What went wrong first says more.
            raise

    def _hot_share(self) -> float:
        """Return how much waits, 1 for as much as should."""
        return max(len(self._hot) / HOT_EVENTS, self._hot_bytes / HOT_BYTES)

    def _wake_worker(self) -> None:
        """Let a thread do what is to be done; it ends when that is."""
        if self._hot_share() >= 1 or self._contents.is_scattered:
            self._hurry.set()
        elif self._delay is None or not self._hot:
            return
        with self._lock:
            if self._worker is None and not self._is_closed:
                self._worker = threading.Thread(target=self._work, name="honeycomb-store", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        if self._delay is not None:
            self._hurry.wait(self._delay)
        self._hurry.clear()
        try:
            self.flush()
            self.compact()
        except StorageError:
            # It is in the log, and whoever adds or reads next is told.
            with self._lock:
                self._worker = None
            return
        with self._lock:
            self._worker = None
        self._wake_worker()
