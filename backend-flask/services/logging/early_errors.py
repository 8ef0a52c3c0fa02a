"""Errors that come before it is known whether and where they are reported."""

import logging

from services.logging.request_formatter import request_context

KEPT_MAX = 20

Kept = list[tuple[logging.LogRecord, dict[str, object]]]


class EarlyErrors(logging.Handler):
    """Keeps the first errors, with what was going on; few of them, as each keeps its frames alive."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._kept: Kept = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        if len(self._kept) < KEPT_MAX:
            self._kept.append((record, request_context()))

    def taken(self) -> Kept:
        """Return what was kept, and let go of it."""
        kept, self._kept = self._kept, []
        return kept
