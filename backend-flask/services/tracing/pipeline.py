"""One bounded queue, one thread, all sinks: what happens to a span after it ended."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.background import start_thread
from services.tracing.privacy.redaction import Redactor
from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.worker_counts import QUEUE_DROPPED, RECORDED, Cells

CAPACITY_SPANS = 8192
LONG_BYTES_MAX = 32 * 1024 * 1024
"""Of long strings, in the queue and the batch that is handed over; the OTLP sink holds as many."""
BATCH_SPANS = 512
DELAY_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Takes batches, and counts what it sends and drops."""

    counters: SinkCounters

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Send a batch, or hand it over to be sent."""

    def flush(self, deadline: float) -> bool:
        """Wait until all is sent or dropped, at most until `deadline` (monotonic seconds)."""


class Pipeline:
    """Takes ended spans without waiting, and hands them to the sinks in batches from a thread of its own.

    `redact` is applied to each span once, before any sink. `each_round` is called by the thread after each
    round, every `delay` seconds at least. `cells` are kept current with what is recorded and dropped, for the
    parent of a worker.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        *,
        redact: Callable[[ReadableSpan], ReadableSpan] | None = None,
        capacity: int = CAPACITY_SPANS,
        batch: int = BATCH_SPANS,
        delay: float = DELAY_SECONDS,
        long_bytes: int = LONG_BYTES_MAX,
        each_round: Callable[[], None] | None = None,
        cells: Cells | None = None,
    ) -> None:
        self._sinks = sinks
        self._redact = redact or Redactor()
        self._capacity = capacity
        self._batch = batch
        self._delay = delay
        self._long_bytes_max = long_bytes
        self._each_round = each_round
        self._cells: Cells = [0, 0] if cells is None else cells
        self._queue: deque[ReadableSpan] = deque()
        # Reentrant: the garbage collector may end a span while this thread is queueing one.
        self._lock = threading.RLock()
        self._long_bytes = 0
        self._recorded = 0
        self._dropped: Counter[str] = Counter()
        self._wake = threading.Event()
        self._idle = threading.Condition()
        self._taken = 0
        self._done = 0
        self._overflowed = 0
        self._overflowed_said = 0
        self._is_overflowing = False
        self._is_stopping = False
        self._is_finished = False
        self._thread: threading.Thread | None = None

    @property
    def recorded(self) -> int:
        """Every span that ended, the dropped ones included."""
        return self._recorded

    @property
    def dropped(self) -> int:
        """Spans that no sink was given."""
        return self._dropped.total()

    def start(self) -> None:
        """Start the thread."""
        self._thread = start_thread("tracing-pipeline", self._run)

    def put(self, span: ReadableSpan) -> None:
        """Queue a span; where the queue is full, or stopped, it is dropped and counted. Never waits."""
        queue = self._queue
        long_bytes: int = getattr(span, "long_bytes", 0)
        with self._lock:
            self._recorded = recorded = self._recorded + 1
            self._cells[RECORDED] = recorded
            if self._is_stopping:
                self._drop("stopped")
                return
            if len(queue) >= self._capacity or (
                long_bytes and self._long_bytes + long_bytes > self._long_bytes_max
            ):
                self._overflowed += 1
                self._drop("queue_full")
                return
            self._long_bytes += long_bytes
            queue.append(span)
        if len(queue) >= self._batch and not self._wake.is_set():
            self._wake.set()

    def _drop(self, cause: str, spans: int = 1) -> None:
        if spans:
            with self._lock:
                self._dropped[cause] += spans
                self._cells[QUEUE_DROPPED] = self._dropped.total()

    def flush(self, deadline: float) -> bool:
        """Wait until all that is queued is sent or dropped, at most until `deadline` (monotonic seconds)."""
        target = self._taken + len(self._queue)
        with self._idle:
            while self._done < target and (left := deadline - time.monotonic()) > 0:
                self._wake.set()
                self._idle.wait(min(left, DELAY_SECONDS))
        # All of them get their time, also where one of them has taken too long.
        flushed = [sink.flush(deadline) for sink in self._sinks]
        return self._done >= target and all(flushed)

    def close(self, deadline: float) -> None:
        """Hand over what is queued until `deadline` (monotonic seconds), then count the rest as dropped."""
        with self._lock:
            self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))
        self._drop("stopped", len(self._take(self._capacity)))

    def finish(self) -> dict[str, Any]:
        """Return the last status: of what was recorded so far, nothing more is counted as dropped here.

        A thread that outlives the deadline can't change what was told; a span that ends now still counts.
        """
        with self._lock:
            self._is_finished = True
            return self.status()

    def leave_behind(self) -> None:
        """In a child process: the parent's cells are the parent's to write."""
        self._cells = [0, 0]

    def _run(self) -> None:
        while True:
            self._wake.wait(self._delay)
            self._wake.clear()
            is_last = self._is_stopping
            while self._queue:
                self._hand_over()
                self._say_overflow()
            self._say_overflow()
            if is_last:
                return
            if self._each_round is not None:
                self._end_round(self._each_round)

    def _end_round(self, each_round: Callable[[], None]) -> None:
        try:
            each_round()
        except Exception as error:  # noqa: BLE001 (the thread must go on)
            _log.error("the end of a round failed: unexpected %s", type(error).__name__)

    def _hand_over(self) -> None:
        taken = self._take(self._batch)
        self._taken += len(taken)
        spans = self._redacted(taken)
        for sink in self._sinks:
            try:
                sink.send(spans)
            except Exception as error:  # noqa: BLE001 (neither the other sinks nor the thread may suffer)
                # The text of an error may hold what was in the span.
                _log.error("a sink failed with a batch: unexpected %s", type(error).__name__)
                sink.counters.dropped("unexpected_error", len(spans))
        with self._lock:
            self._long_bytes -= sum(getattr(span, "long_bytes", 0) for span in taken)
        with self._idle:
            self._done += len(taken)
            self._idle.notify_all()

    def _take(self, most: int) -> list[ReadableSpan]:
        spans: list[ReadableSpan] = []
        try:
            while len(spans) < most:
                spans.append(self._queue.popleft())
        except IndexError:
            pass
        return spans

    def _redacted(self, spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
        redacted = []
        for span in spans:
            try:
                redacted.append(self._redact(span))
            except Exception as error:  # noqa: BLE001 (what can't be looked through must not be sent)
                _log.debug("a span can't be redacted: %s", type(error).__name__)
                with self._lock:
                    if not self._is_finished:
                        self._drop("unredactable")
        return redacted

    def _say_overflow(self) -> None:
        """Log that the queue overflows, and that it does no more: from here, not from a request."""
        overflowed = self._overflowed
        if overflowed != self._overflowed_said:
            self._overflowed_said = overflowed
            if not self._is_overflowing:
                self._is_overflowing = True
                _log.warning("the span queue is full: what comes is dropped and counted")
        elif self._is_overflowing and not self._queue:
            self._is_overflowing = False
            _log.info("the span queue has room again: it has dropped %d spans so far", overflowed)

    def status(self) -> dict[str, Any]:
        """Return the queue's figures: recorded counts every span that ended, the dropped ones included."""
        with self._lock:
            return {
                "size": len(self._queue),
                "capacity": self._capacity,
                "recorded": self._recorded,
                "dropped": self._dropped.total(),
                "causes": dict(self._dropped),
            }
