"""What a sink sent and dropped, why, and whether it is up."""

import logging
import threading
from collections import Counter
from typing import Any

from services.tracing.sending.worker_counts import DROPPED, SENT, Cells

_log = logging.getLogger(__name__)


class SinkCounters:
    """Counts spans of one sink; logs one line when the sink goes down and one when it is back.

    `cells` are kept current with what is sent and dropped, for the parent of a worker.
    """

    def __init__(self, name: str, cells: Cells | None = None) -> None:
        self.name = name
        self._cells: Cells = [0, 0, 0] if cells is None else cells
        self._lock = threading.Lock()
        self._sent = 0
        self._dropped: Counter[str] = Counter()
        self._dropped_spans = 0
        self._shortened = 0
        self._last_error: str | None = None
        self._is_down = False
        self._is_dropping = False
        self._is_finished = False

    def sent(self, spans: int = 1) -> None:
        """Count spans as sent."""
        with self._lock:
            if not self._is_finished:
                self._set_sent(self._sent + spans)

    def lost(self, cause: str, spans: int = 1) -> None:
        """Count spans that were counted as sent and turned out to be lost."""
        with self._lock:
            spans = min(spans, self._sent)
            if spans and not self._is_finished:
                # In this order no span is counted twice, should the process be killed in between.
                self._set_sent(self._sent - spans)
                self._add_dropped(cause, spans)

    def dropped(self, cause: str, spans: int = 1) -> None:
        """Count spans as dropped."""
        if spans:
            with self._lock:
                if not self._is_finished:
                    self._add_dropped(cause, spans)

    def finish(self, spans: int) -> None:
        """Count what is neither sent nor dropped of `spans`, all that the sink was to send, as stopped.

        Nothing is counted any more: a thread that outlives the deadline can't change what was told.
        """
        with self._lock:
            rest = spans - self._sent - self._dropped_spans
            if rest > 0:
                self._add_dropped("stopped", rest)
            self._is_finished = True

    def shortened(self, count: int = 1) -> None:
        """Count documents or spans that had to be shortened to fit."""
        with self._lock:
            self._shortened += count

    def down(self, reason: str, *, is_said: bool = False) -> None:
        """Note an error; the first since the sink was up is logged, unless the caller has said it already."""
        with self._lock:
            self._last_error = reason
            was_down, self._is_down = self._is_down, True
        if not was_down and not is_said:
            _log.warning(
                "%s is down: %s. Spans are retried within limits, then dropped and counted.",
                self.name,
                reason,
            )

    def up(self) -> None:
        """Note that the sink works; logged where it was down."""
        if not self._is_down:
            return
        with self._lock:
            was_down, self._is_down = self._is_down, False
        if was_down:
            _log.info("%s is back", self.name)

    def dropping(self) -> None:
        """Note that there is no room for more spans; logged the first time."""
        with self._lock:
            was_dropping, self._is_dropping = self._is_dropping, True
        if not was_dropping:
            _log.warning("%s: too many spans wait; what comes is dropped and counted", self.name)

    def has_room(self) -> None:
        """Note that there is room again; logged where there was none."""
        if not self._is_dropping:
            return
        with self._lock:
            was_dropping, self._is_dropping = self._is_dropping, False
        if was_dropping:
            _log.info("%s: there is room for spans again", self.name)

    def leave_behind(self) -> None:
        """In a child process: the parent's cells are the parent's to write."""
        self._cells = [0, 0, 0]

    def status(self) -> dict[str, Any]:
        """Return the counts for /health/tracing."""
        with self._lock:
            return {
                "sent": self._sent,
                "dropped": dict(self._dropped),
                "shortened": self._shortened,
                "last_error": self._last_error,
            }

    def _set_sent(self, spans: int) -> None:
        self._sent = spans
        self._cells[SENT] = spans

    def _add_dropped(self, cause: str, spans: int) -> None:
        self._dropped[cause] += spans
        self._dropped_spans += spans
        self._cells[DROPPED] = self._dropped_spans
