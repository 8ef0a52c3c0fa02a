"""What a sink sent and dropped, why, and whether it is up."""

import logging
import threading
from collections import Counter
from typing import Any

_log = logging.getLogger(__name__)


class SinkCounters:
    """Counts spans of one sink; logs one line when the sink goes down and one when it is back."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._sent = 0
        self._dropped: Counter[str] = Counter()
        self._shortened = 0
        self._last_error: str | None = None
        self._is_down = False

    def sent(self, spans: int = 1) -> None:
        """Count spans as sent."""
        with self._lock:
            self._sent += spans

    def lost(self, cause: str, spans: int = 1) -> None:
        """Count spans that were counted as sent and turned out to be lost."""
        with self._lock:
            self._sent -= spans
            self._dropped[cause] += spans

    def dropped(self, cause: str, spans: int = 1) -> None:
        """Count spans as dropped."""
        if spans:
            with self._lock:
                self._dropped[cause] += spans

    def shortened(self) -> None:
        """Count a document that had to be shortened to fit."""
        with self._lock:
            self._shortened += 1

    def down(self, reason: str, *, is_said: bool = False) -> None:
        """Note an error; the first since the sink was up is logged, unless the caller has said it already."""
        with self._lock:
            self._last_error = reason
            was_down, self._is_down = self._is_down, True
        if not was_down and not is_said:
            _log.warning(
                "%s is down: %s. Spans are retried within limits, then dropped and counted.",
                self._name,
                reason,
            )

    def up(self) -> None:
        """Note that the sink works; logged where it was down."""
        if not self._is_down:
            return
        with self._lock:
            was_down, self._is_down = self._is_down, False
        if was_down:
            _log.info("%s is back", self._name)

    def status(self) -> dict[str, Any]:
        """Return the counts for /health/tracing."""
        with self._lock:
            return {
                "sent": self._sent,
                "dropped": dict(self._dropped),
                "shortened": self._shortened,
                "last_error": self._last_error,
            }
