"""The service's time, by which its answers are asked for: this machine's clock may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOLERANCE = timedelta(seconds=5)
"""An answer's Date has whole seconds and was written before it came: so much says nothing of the clock."""


def _here() -> datetime:
    return datetime.now(UTC)


class ServiceClock:
    """This machine's clock, put right by the Date of the last answer."""

    def __init__(self, here: Callable[[], datetime] = _here) -> None:
        self._here = here
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the service's time as far as it is known."""
        return self._here() + self._ahead

    def note(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer's *headers*, whose names are in lower case; without a Date nothing is."""
        try:
            date = parsedate_to_datetime(headers.get("date", ""))
        except ValueError:
            return
        there = date if date.tzinfo else date.replace(tzinfo=UTC)
        ahead = there - self._here()
        self._ahead = ahead if abs(ahead) > TOLERANCE else timedelta()
