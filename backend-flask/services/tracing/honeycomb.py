"""The Honeycomb sink, or any other OTLP back end: a bounded queue of batches and its thread."""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.background import start_thread
from services.tracing.pipeline import BATCH_SPANS, LONG_BYTES_MAX
from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.otlp import BODY_MAX_BYTES
from services.tracing.sending.otlp_sender import OtlpSender
from services.tracing.sending.otlp_target import Target
from services.tracing.sending.stop_clock import StopClock
from services.tracing.sending.worker_counts import Cells

WAITING_SPANS_MAX = 8192

_log = logging.getLogger(__name__)


class HoneycombSink:
    """Posts spans to `target` as OTLP. A batch is tried a few times, then dropped and counted by cause.

    `capacity` is how many spans may wait; small batches that wait are put together, to at most `batch` spans.
    """

    def __init__(
        self,
        target: Target,
        *,
        is_compressed: bool = True,
        cells: Cells | None = None,
        capacity: int = WAITING_SPANS_MAX,
        batch: int = BATCH_SPANS,
    ) -> None:
        self.counters = SinkCounters(target.name, cells)
        self._capacity = capacity
        self._batch = batch
        self._certificates = target.certificates
        self._clock = StopClock()
        self._changed = self._clock.changed
        self.sender = OtlpSender(target, self._clock, self.counters, is_compressed=is_compressed)
        self.sender.has_room = self._has_room
        self._waiting: deque[tuple[Sequence[ReadableSpan], int]] = deque()
        self._waiting_spans = 0
        self._long_bytes = 0
        self._is_busy = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start sending in the background."""
        # Two threads that import requests at once meet its circular imports half done: it is imported first.
        from services.tracing.sending import bounded_http  # noqa: F401

        self._thread = start_thread("otlp-sender", self._run)

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Hand a batch over; never waits. Where too much is waiting it is dropped and counted."""
        long_bytes = sum(getattr(span, "long_bytes", 0) for span in spans)
        with self._changed:
            is_stopped = self._clock.stop_at is not None
            is_full = self._waiting_spans + len(spans) > self._capacity or (
                long_bytes and self._long_bytes + long_bytes > LONG_BYTES_MAX
            )
            if not is_full and not is_stopped:
                self._waiting.append((spans, long_bytes))
                self._waiting_spans += len(spans)
                self._long_bytes += long_bytes
                self._changed.notify_all()
                return
        if is_full:
            self.counters.dropping()
        self.counters.dropped("queue_full" if is_full else "stopped", len(spans))

    def flush(self, deadline: float) -> bool:
        """Wait until all is sent or dropped, at most until `deadline` (monotonic seconds)."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._is_busy, max(0.0, deadline - time.monotonic())
            )

    def close(self, deadline: float) -> None:
        """Send what waits until `deadline` (monotonic seconds), then count the rest as dropped."""
        self._clock.stop(deadline)
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            rest = self._waiting_spans
            self._waiting.clear()
            self._waiting_spans = self._long_bytes = 0
        self.counters.dropped("stopped", rest)

    def _run(self) -> None:
        from services.tracing.sending.bounded_http import bounded_session

        with bounded_session(self._certificates) as session:
            while (batch := self._next()) is not None:
                spans, long_bytes = batch
                counted = self.sender.counted
                try:
                    self.sender.send(session, spans)
                except Exception as error:  # noqa: BLE001 (the thread must outlive any batch)
                    # The text of an error may hold the headers, and these a key.
                    _log.error("OTLP back end: unexpected %s", type(error).__name__)
                    self.counters.dropped("unexpected_error", len(spans) - self.sender.counted + counted)
                self._done(long_bytes)

    def _next(self) -> tuple[Sequence[ReadableSpan], int] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._clock.stop_at is not None)
            if not self._waiting:
                return None
            spans, long_bytes = self._waiting.popleft()
            while self._waiting:
                # One by one, a back end that answers slower than they come falls behind at any load.
                others, others_long_bytes = self._waiting[0]
                if len(spans) + len(others) > self._batch or long_bytes + others_long_bytes > BODY_MAX_BYTES:
                    break
                self._waiting.popleft()
                spans = [*spans, *others]
                long_bytes += others_long_bytes
            self._waiting_spans -= len(spans)
            self._is_busy = True
            return spans, long_bytes

    def _has_room(self) -> bool:
        return self._waiting_spans * 2 < self._capacity and self._long_bytes * 2 < LONG_BYTES_MAX

    def _done(self, long_bytes: int) -> None:
        with self._changed:
            self._is_busy = False
            self._long_bytes = max(0, self._long_bytes - long_bytes)
            self._changed.notify_all()
            has_room = self._has_room()
        if has_room:
            self.counters.has_room()
