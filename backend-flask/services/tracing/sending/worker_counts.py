"""Counters that a server's workers share with their parent, so that a killed worker's are known too.

The parent makes the memory before it forks, and gives each worker a slot of it; the worker keeps its slot
current with every span; when it has ended, the parent adds the slot to the totals and frees it. Single
64-bit numbers are written whole, each by one process alone: no lock is shared. Beside its counters each slot
has a text: what the worker loaded.
"""

import mmap
import os
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from services.tracing.loaded.worker_texts import WorkerTexts
from services.tracing.worker_id import worker_id, worker_number

SINKS = ("xray", "honeycomb", "console")
SLOTS = 1024
RECORDED, QUEUE_DROPPED = 0, 1
IS_AT_WORK, SENT, DROPPED = 0, 1, 2

_NUMBER_BYTES = 8
_FREE, _RESERVED = 0, -1
_SEQUENCE, _ENDED_WORKERS, _ENDED_RECORDED, _ENDED_SINKS = 0, 1, 2, 3
_ENDED_FIELDS = 4  # of each sink: at work, sent, dropped, lost
_WANTED = 15
_HEAD = 16
_PID, _QUEUE, _OF_SINKS, _SINK_FIELDS, _ID = 0, 1, 3, 3, 12
_SLOT = 16
_READS_MAX = 100


class Cells(Protocol):
    """Where counters are kept current: a part of the shared memory, or a list that nobody else sees."""

    def __setitem__(self, index: int, value: int, /) -> None:
        """Write a number."""


@dataclass(frozen=True, slots=True)
class EndedWorker:
    """What the parent found in the slot of a worker that has ended; `lost` is spans by sink, where any."""

    pid: int
    recorded: int
    lost: dict[str, int]


class Slot:
    """A worker's own part of the memory."""

    def __init__(self, number: int, numbers: memoryview, texts: WorkerTexts) -> None:
        self.number = number
        self._numbers = numbers
        self._texts = texts
        # Reentrant: the garbage collector may end a span while this thread is counting one.
        self._lock = threading.RLock()

    def tell(self, text: bytes) -> None:
        """Let all workers know what this one loaded.

        Raises:
            ValueError: it is too long, see `WorkerTexts`.
        """
        self._texts.write(self.number, text)

    @property
    def queue(self) -> Cells:
        """The cells of the queue."""
        return _Share(self._numbers[_QUEUE:_OF_SINKS], self._lock)

    def sink(self, name: str) -> Cells:
        """Return the cells of a sink, which is at work from now on."""
        first = _OF_SINKS + SINKS.index(name) * _SINK_FIELDS
        cells = self._numbers[first : first + _SINK_FIELDS]
        cells[IS_AT_WORK] = 1
        return _Share(cells, self._lock)


class _Share:
    """What one session of this worker adds to the sums in the cells.

    Another session may count beside it: it is begun while the first one still sends what it recorded, and
    what was being traced when that one stopped still ends in it.
    """

    def __init__(self, cells: memoryview, lock: AbstractContextManager[Any]) -> None:
        self._cells = cells
        self._lock = lock
        self._own = [0] * len(cells)

    def __setitem__(self, index: int, value: int, /) -> None:
        with self._lock:
            self._cells[index] += value - self._own[index]
            self._own[index] = value


class WorkerCounts:
    """The memory: totals of the workers that ended, and a slot for each that runs."""

    def __init__(self, slots: int = SLOTS) -> None:
        # Anonymous and shared: forked processes see the same, and it ends with the last of them.
        self._memory = mmap.mmap(-1, (_HEAD + slots * _SLOT) * _NUMBER_BYTES)
        self._numbers = memoryview(self._memory).cast("q")
        self._texts = WorkerTexts(slots)
        self._slots = slots

    def want(self, workers: int) -> None:
        """In the parent: note how many workers there should be."""
        self._numbers[_WANTED] = workers

    def reserve(self) -> int | None:
        """In the parent, before a fork: return the number of a free slot, or None where there is none."""
        for number in range(self._slots):
            slot = self._slot(number)
            if slot[_PID] == _FREE:
                slot[_PID] = _RESERVED
                return number
        return None

    def take(self, number: int) -> Slot:
        """In the worker, after the fork: take the slot that was reserved for it."""
        slot = self._slot(number)
        self._texts.clear(number)
        slot[_ID] = worker_number()
        slot[_PID] = os.getpid()
        return Slot(number, slot, self._texts)

    def end(self, number: int, pid: int) -> EndedWorker:
        """In the parent, once the worker has ended: move its counts to the totals, and free the slot.

        What it had neither sent nor dropped is lost: it was killed with it, or had posted it and heard no
        answer.
        """
        slot, head = self._slot(number), self._numbers
        recorded, queue_dropped = slot[_QUEUE + RECORDED], slot[_QUEUE + QUEUE_DROPPED]
        lost_by_sink = {}
        head[_SEQUENCE] += 1
        head[_ENDED_WORKERS] += 1
        head[_ENDED_RECORDED] += recorded
        for index, name in enumerate(SINKS):
            first = _OF_SINKS + index * _SINK_FIELDS
            is_at_work, sent, dropped = slot[first : first + _SINK_FIELDS].tolist()
            if not is_at_work:
                continue
            dropped += queue_dropped
            lost = recorded - sent - dropped
            if lost:
                lost_by_sink[name] = lost
            total = _ENDED_SINKS + index * _ENDED_FIELDS
            for offset, value in enumerate((0, sent, dropped, lost)):
                head[total + offset] += value
            head[total] = 1
        for offset in range(_SLOT):
            slot[offset] = 0
        self._texts.clear(number)
        head[_SEQUENCE] += 1
        return EndedWorker(pid, recorded, lost_by_sink)

    def status(self) -> dict[str, Any]:
        """Return the counts of all workers for /health/tracing, each worker either running or ended.

        One that has not taken up tracing yet isn't listed.
        """
        document: dict[str, Any] = {}
        for _ in range(_READS_MAX):
            before = self._numbers[_SEQUENCE]
            document = {"running": self._running(), "ended": self._ended()}
            if before % 2 == 0 and self._numbers[_SEQUENCE] == before:
                break
        return document

    def loaded(self) -> dict[str, Any]:
        """Return how many workers there should be, None where that isn't known, and the text of each."""
        workers = []
        for number in range(self._slots):
            pid = self._numbers[_HEAD + number * _SLOT]
            if pid <= 0:
                continue
            text = self._texts.read(number)
            if self._numbers[_HEAD + number * _SLOT] == pid:  # else it has just ended
                workers.append({"pid": pid, "slot": number, "loaded": text})
        return {"wanted": self._numbers[_WANTED] or None, "workers": workers}

    def _slot(self, number: int) -> memoryview:
        first = _HEAD + number * _SLOT
        return self._numbers[first : first + _SLOT]

    def _running(self) -> list[dict[str, Any]]:
        running = []
        for number in range(self._slots):
            if self._numbers[_HEAD + number * _SLOT] <= 0:
                continue
            values = self._slot(number).tolist()
            queue_dropped = values[_QUEUE + QUEUE_DROPPED]
            sinks = {}
            for index, name in enumerate(SINKS):
                first = _OF_SINKS + index * _SINK_FIELDS
                is_at_work, sent, dropped = values[first : first + _SINK_FIELDS]
                if is_at_work:
                    sinks[name] = {"sent": sent, "dropped": dropped + queue_dropped}
            if sinks:
                running.append(
                    {
                        "id": worker_id(values[_ID]),
                        "pid": values[_PID],
                        "recorded": values[_QUEUE + RECORDED],
                        "sinks": sinks,
                    }
                )
        return running

    def _ended(self) -> dict[str, Any]:
        values = self._numbers[:_HEAD].tolist()
        sinks = {}
        for index, name in enumerate(SINKS):
            first = _ENDED_SINKS + index * _ENDED_FIELDS
            is_at_work, sent, dropped, lost = values[first : first + _ENDED_FIELDS]
            if is_at_work:
                sinks[name] = {"sent": sent, "dropped": dropped, "lost": lost}
        return {"workers": values[_ENDED_WORKERS], "recorded": values[_ENDED_RECORDED], "sinks": sinks}


class _Shared:
    """This process's part: the memory, from its parent, and the slot that it took."""

    counts: WorkerCounts | None = None
    slot: Slot | None = None


def share() -> WorkerCounts:
    """In the parent, before its first fork: make the memory; what it made is returned ever after."""
    if _Shared.counts is None:
        _Shared.counts = WorkerCounts()
    return _Shared.counts


def take_slot(number: int) -> None:
    """In a worker, after the fork: count in the slot that the parent reserved."""
    _Shared.slot = share().take(number)


def own_slot() -> Slot | None:
    """Return this process's slot; None where it shares no memory with its parent."""
    return _Shared.slot


def workers_status() -> dict[str, Any] | None:
    """Return the counts of all workers; None where this process shares no memory with its parent."""
    counts = _Shared.counts
    return None if counts is None or _Shared.slot is None else counts.status()


def workers_texts() -> dict[str, Any] | None:
    """Return `WorkerCounts.loaded()`; None where this process shares no memory with its parent."""
    counts = _Shared.counts
    return None if counts is None or _Shared.slot is None else counts.loaded()


def _after_fork() -> None:
    """A child must not write into its parent's slot."""
    _Shared.slot = None


os.register_at_fork(after_in_child=_after_fork)
