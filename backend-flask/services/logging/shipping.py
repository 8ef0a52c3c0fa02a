"""Sending what is logged somewhere else, in the background: bounded, never waited for, every loss counted."""

import logging
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.tracing.background import start_thread

ATTEMPTS_MAX = 5
FIRST_WAIT_SECONDS = 0.5
WAIT_MAX_SECONDS = 30.0

_log = logging.getLogger(__name__)
_own_threads = threading.local()


def is_own_thread() -> bool:
    """Tell whether this thread sends log lines: what it logs itself must not come back to it."""
    return getattr(_own_threads, "is_one", False)


class DeliveryError(Exception):
    """A batch was not taken. The text says why and what to do, for people.

    Attributes:
        cause: what it is counted as: an HTTP status, AWS's error code, `unreachable`.
        is_final: trying it again would change nothing.
        wait_seconds: how long the other side asked to be left alone.
    """

    def __init__(
        self, text: str, *, cause: str, is_final: bool = False, wait_seconds: float | None = None
    ) -> None:
        self.cause = cause
        self.is_final = is_final
        self.wait_seconds = wait_seconds
        super().__init__(text)


class Destination(Protocol):
    """Where it goes; `name` is for people."""

    name: str

    def send(self, items: Sequence[Any]) -> int:
        """Send a batch; return how many of it were refused for good.

        Raises:
            DeliveryError: none of it was taken.
        """
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is kept at most, and what goes in one batch. An item's bytes are as `Shipper.put` is told."""

    items: int
    bytes: int
    batch_items: int
    batch_bytes: int
    interval_seconds: float = 1.0


class Shipper:
    """A bounded queue and the one thread that empties it."""

    def __init__(self, destination: Destination, bounds: Bounds) -> None:
        self.destination = destination
        self._bounds = bounds
        self._changed = threading.Condition()
        self._queue: deque[tuple[Any, int]] = deque()
        self._queued_bytes = 0
        self._in_flight = 0
        self._deadline: float | None = None
        self._thread: threading.Thread | None = None
        self._sent = 0
        self._dropped: Counter[str] = Counter()
        self._last_error: str | None = None
        self._is_down = False

    def put(self, item: Any, size: int) -> None:
        """Take an item of `size` bytes; where there is no room it is dropped and counted. Never waits."""
        with self._changed:
            if self._deadline is not None:
                self._dropped["stopped"] += 1
            elif len(self._queue) >= self._bounds.items or self._queued_bytes + size > self._bounds.bytes:
                self._dropped["queue_full"] += 1
            else:
                self._queue.append((item, size))
                self._queued_bytes += size
                if len(self._queue) == 1 or self._is_batch_full():
                    self._changed.notify_all()

    def drop(self, cause: str) -> None:
        """Count what could not even be put."""
        with self._changed:
            self._dropped[cause] += 1

    def start(self) -> None:
        """Start sending."""
        self._thread = start_thread(f"logs-{self.destination.name}", self._run)

    def stop(self, deadline: float) -> None:
        """Send what is queued until `deadline` (monotonic seconds); count what is left."""
        with self._changed:
            if self._deadline is not None:
                return
            self._deadline = deadline
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            if left := len(self._queue) + self._in_flight:
                self._dropped["not_sent_at_stop"] += left
            self._queue.clear()
            self._queued_bytes = self._in_flight = 0
        if self._dropped:
            causes = ", ".join(f"{count} {cause}" for cause, count in sorted(self._dropped.items()))
            _log.warning("log lines for %s: %d sent, dropped: %s", self.destination.name, self._sent, causes)

    def status(self) -> dict[str, Any]:
        """Return what was sent and dropped so far, and what waits."""
        with self._changed:
            return {
                "sent": self._sent,
                "dropped": dict(self._dropped),
                "queued": len(self._queue) + self._in_flight,
                "is_down": self._is_down,
                "last_error": self._last_error,
            }

    def _run(self) -> None:
        _own_threads.is_one = True
        while batch := self._next_batch():
            refused, cause = self._deliver(batch)
            with self._changed:
                if self._in_flight:  # else the stop has counted them already
                    self._sent += len(batch) - refused
                    if refused:
                        self._dropped[cause] += refused
                self._in_flight = 0

    def _next_batch(self) -> list[Any]:
        """Wait for items, then for more of them for a moment; empty once the stop leaves nothing to do."""
        bounds = self._bounds
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._deadline is not None)
            until = time.monotonic() + bounds.interval_seconds
            while self._deadline is None and not self._is_batch_full():
                if not self._changed.wait(max(0.0, until - time.monotonic())):
                    break
            batch: list[Any] = []
            size = 0
            while self._queue and len(batch) < bounds.batch_items:
                if batch and size + self._queue[0][1] > bounds.batch_bytes:
                    break
                item, item_size = self._queue.popleft()
                batch.append(item)
                size += item_size
            self._queued_bytes -= size
            self._in_flight = len(batch)
            return batch

    def _is_batch_full(self) -> bool:
        return len(self._queue) >= self._bounds.batch_items or self._queued_bytes >= self._bounds.batch_bytes

    def _deliver(self, batch: list[Any]) -> tuple[int, str]:
        """Send a batch, with some attempts; return how many of it were dropped, and why."""
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                refused = self.destination.send(batch)
            except DeliveryError as error:
                failure = error
            except Exception as error:  # noqa: BLE001 (whatever it is, the thread must go on)
                failure = DeliveryError(
                    f"unexpected {type(error).__name__}", cause=type(error).__name__, is_final=True
                )
            else:
                self._went_up()
                return refused, "refused"
            self._went_down(failure)
            if failure.is_final or attempt == ATTEMPTS_MAX:
                break
            asked = failure.wait_seconds or 0.0
            # Jitter: workers that failed together should not come back together.
            if not self._pause(min(WAIT_MAX_SECONDS, max(asked, wait * random.uniform(0.5, 1.0)))):  # noqa: S311
                break
            wait *= 2
        return len(batch), failure.cause

    def _pause(self, seconds: float) -> bool:
        """Wait before the next attempt; return whether there may be one. The stop ends the wait."""
        with self._changed:
            if self._deadline is None:
                self._changed.wait_for(lambda: self._deadline is not None, seconds)
                return True
            if time.monotonic() + seconds >= self._deadline:
                return False
        time.sleep(seconds)
        return True

    def _went_down(self, failure: DeliveryError) -> None:
        self._last_error = str(failure)
        if not self._is_down:
            self._is_down = True
            _log.warning(
                "log lines don't reach %s: %s; they are tried again, then dropped and counted",
                self.destination.name,
                failure,
            )

    def _went_up(self) -> None:
        if self._is_down:
            self._is_down = False
            self._last_error = None
            dropped = self._dropped.total()
            _log.warning("log lines reach %s again; %d dropped so far", self.destination.name, dropped)


class ShippingHandler(logging.Handler):
    """Hands records to a shipper. `take` makes the item and puts it; nothing it raises leaves this class."""

    def __init__(self, shipper: Shipper, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.shipper = shipper

    def take(self, record: logging.LogRecord) -> None:
        """Make the item and put it."""
        raise NotImplementedError

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record that isn't about sending records; one that can't be taken is counted."""
        if is_own_thread():
            return
        try:
            self.take(record)
        except Exception:  # noqa: BLE001 (a line must not cost its request)
            self.shipper.drop("malformed")
