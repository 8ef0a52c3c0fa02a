"""How much time a stopping gunicorn worker has: what its master leaves before it kills.

Imports little, as server_settings.py does and for the same reason.
"""

import math
import os
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from server_settings import GRACEFUL_TIMEOUT_MAX_SECONDS

CUT_OFF_SECONDS = 3
"""What gunicorn needs to cut connections off, beside tracing's shutdown deadline."""
EXIT_SECONDS = 0.5
"""What the interpreter needs to end, and gunicorn's master to notice it."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def seconds_for_requests(graceful_timeout: int, flush_seconds: float) -> int:
    """Return how much of the graceful timeout requests have: what sending leaves, never less than half."""
    return max(graceful_timeout // 2, graceful_timeout - _seconds_to_send(flush_seconds))


def note_on_deadline(graceful_timeout: int, flush_seconds: float) -> str | None:
    """Return a line where the graceful timeout has no room for tracing's shutdown deadline."""
    kept, wanted = graceful_timeout - graceful_timeout // 2, _seconds_to_send(flush_seconds)
    if wanted <= kept:
        return None
    longer = 2 * wanted - 1
    remedy = (
        f"set GUNICORN_GRACEFUL_TIMEOUT={longer}, or a shorter deadline"
        if longer <= GRACEFUL_TIMEOUT_MAX_SECONDS
        else "set a shorter deadline"
    )
    return (
        f"TRACING_SHUTDOWN_DEADLINE is {flush_seconds:g} s, but of the graceful timeout of"
        f" {graceful_timeout} s only {kept} are kept for cutting"
        " connections off and sending: a stop may have less time, and what"
        f" can't be sent then is dropped and counted; {remedy}"
    )


def _seconds_to_send(flush_seconds: float) -> int:
    return math.ceil(flush_seconds) + CUT_OFF_SECONDS


class StopTime:
    """Knows when the master kills `worker`, which has set up its signals: after a signal, or a silence.

    The graceful timeout counts from the signal that stops it. A worker that ends by itself, or at a reload,
    is killed where it hasn't been heard of for gunicorn's `timeout`.
    """

    def __init__(self, worker: Any) -> None:
        self._graceful_timeout = float(worker.cfg.graceful_timeout)
        self._timeout = float(worker.cfg.timeout)
        # gunicorn closes its own before worker_exit.
        self._heartbeat = os.dup(worker.tmp.fileno())
        # One that came while the application was loaded is noted now.
        self._stopped_at = None if worker.alive else time.monotonic()
        for number in STOP_SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                signal.signal(number, self._noting(handler))
        signal.siginterrupt(signal.SIGTERM, False)  # as gunicorn has it

    def _noting(
        self, handler: Callable[[int, FrameType | None], Any]
    ) -> Callable[[int, FrameType | None], Any]:
        def note(number: int, frame: FrameType | None) -> None:
            if self._stopped_at is None:
                self._stopped_at = time.monotonic()
            handler(number, frame)

        return note

    def left(self) -> float:
        """Return in how many seconds the worker has to have ended. Tells the master that it is alive."""
        now = time.monotonic()
        os.utime(self._heartbeat, (now, now))
        ends = [self._timeout] if self._timeout else []
        if self._stopped_at is not None:
            ends.append(self._stopped_at + self._graceful_timeout - now)
        return max(0.0, min(ends, default=math.inf) - EXIT_SECONDS)
