"""One bounded queue, one thread, both sinks: what happens to a span after it ended."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.background import start_thread
from services.tracing.bare_urls import with_bare_urls

CAPACITY_SPANS = 8192
BATCH_SPANS = 256
DELAY_SECONDS = 1.0


class Sink(Protocol):
    """Takes batches; counts what it sends and drops, and never raises."""

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Send a batch, or hand it over to be sent."""


class Pipeline:
    """Takes ended spans without waiting, and hands them to the sinks in batches from a thread of its own."""

    def __init__(
        self, sinks: Sequence[Sink], *, capacity: int = CAPACITY_SPANS, batch: int = BATCH_SPANS
    ) -> None:
        self._sinks = sinks
        self._capacity = capacity
        self._batch = batch
        self._queue: deque[ReadableSpan] = deque()
        self._wake = threading.Event()
        self._idle = threading.Condition()
        self._taken = 0
        self._done = 0
        self._dropped = 0
        self._dropped_lock = threading.Lock()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = start_thread("tracing-pipeline", self._run)

    def put(self, span: ReadableSpan) -> None:
        """Queue a span; where the queue is full, or stopped, it is dropped and counted. Never waits."""
        queue = self._queue
        if len(queue) >= self._capacity or self._is_stopping:
            with self._dropped_lock:
                self._dropped += 1
            return
        queue.append(span)
        if len(queue) >= self._batch and not self._wake.is_set():
            self._wake.set()

    def flush(self, deadline: float) -> bool:
        """Wait until all that is queued is with the sinks, at most until `deadline` (monotonic seconds)."""
        target = self._taken + len(self._queue)
        with self._idle:
            while self._done < target and (left := deadline - time.monotonic()) > 0:
                self._wake.set()
                self._idle.wait(min(left, DELAY_SECONDS))
        return self._done >= target

    def close(self, deadline: float) -> None:
        """Hand over what is queued until `deadline` (monotonic seconds), then count the rest as dropped."""
        self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))
        rest = len(self._queue)
        self._queue.clear()
        with self._dropped_lock:
            self._dropped += rest

    def _run(self) -> None:
        while True:
            self._wake.wait(DELAY_SECONDS)
            self._wake.clear()
            is_last = self._is_stopping
            while self._queue:
                self._hand_over()
            if is_last:
                return

    def _hand_over(self) -> None:
        spans: list[ReadableSpan] = []
        try:
            while len(spans) < self._batch:
                spans.append(self._queue.popleft())
        except IndexError:
            pass
        self._taken += len(spans)
        spans = [with_bare_urls(span) for span in spans]
        for sink in self._sinks:
            sink.send(spans)
        with self._idle:
            self._done += len(spans)
            self._idle.notify_all()

    def status(self) -> dict[str, int]:
        """Return the queue's figures: recorded counts every span that ended, the dropped ones included."""
        size, dropped = len(self._queue), self._dropped
        return {
            "size": size,
            "capacity": self._capacity,
            "recorded": self._taken + size + dropped,
            "dropped": dropped,
        }
