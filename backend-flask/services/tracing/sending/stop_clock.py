"""Waiting that a stop cuts short: one condition, and the time at which all must be over."""

import threading
import time
from collections.abc import Callable


class StopClock:
    """Says how much time is left; `changed` is notified of a stop and of whatever else its users change."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.stop_at: float | None = None

    def stop(self, deadline: float) -> None:
        """Have all over at `deadline` (monotonic seconds)."""
        with self.changed:
            self.stop_at = deadline
            self.changed.notify_all()

    def at_most(self, seconds: float) -> float:
        """Return `seconds`, or what is left until the stop where that is less, but something."""
        if self.stop_at is None:
            return seconds
        return min(seconds, max(0.1, self.stop_at - time.monotonic()))

    def wait_for(self, is_so: Callable[[], bool], seconds: float) -> None:
        """Wait until `is_so`, asked at each change, at most `seconds` or until the stop is over."""
        until = time.monotonic() + seconds
        with self.changed:
            while not is_so():
                left = (until if self.stop_at is None else min(until, self.stop_at)) - time.monotonic()
                if left <= 0:
                    return
                self.changed.wait(left)

    def wait(self, seconds: float) -> bool:
        """Wait before the next try; False where stopping leaves no time for it."""
        until = time.monotonic() + seconds
        with self.changed:
            while (left := until - time.monotonic()) > 0:
                if self.stop_at is not None and until >= self.stop_at:
                    return False
                self.changed.wait(left)
        return True
