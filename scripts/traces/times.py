"""The stretch of time that is asked for, and the windows in which X-Ray is asked for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

SINCE_SECONDS = 600
RETENTION = timedelta(days=30)
"""X-Ray keeps traces for so long (docs.aws.amazon.com/general/latest/gr/xray.html)."""
WINDOW_MAX = timedelta(hours=6)
"""The longest range that X-Ray is asked for at once. Public reports give it; the API's model gives none."""
WINDOW_MIN = timedelta(minutes=10)

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class Range:
    """From ``begin`` on, up to and without ``end``; both in UTC."""

    begin: datetime
    end: datetime

    def windows(self) -> Iterator[Range]:
        """Yield windows that make up the range, the newest first, each twice as long as the one before.

        So a list that is full after the last minutes costs no look at the days before.
        """
        end, length = self.end, WINDOW_MIN
        while end > self.begin:
            begin = max(self.begin, end - length)
            yield Range(begin, end)
            end, length = begin, min(2 * length, WINDOW_MAX)

    def __str__(self) -> str:
        return f"{self.begin:%Y-%m-%d %H:%M:%S} to {self.end:%Y-%m-%d %H:%M:%S} UTC"


def asked(since: int | None, begin: str, end: str, now: datetime) -> Range:
    """Return the range that SINCE (seconds), FROM and UNTIL (RFC 3339) give, at *now*.

    SINCE counts back from UNTIL, which is *now* where it isn't given or lies ahead.
    Raises OperatorError where they can't go together, or nothing can lie between them.
    """
    if since is not None and begin:
        raise OperatorError("SINCE and FROM both say where to begin", remedy="give one of them")
    until = min(read("UNTIL", end), now) if end else now
    if begin:
        start = read("FROM", begin)
    else:
        back = min(timedelta(seconds=min(since or SINCE_SECONDS, 10**9)), 2 * RETENTION)
        start = until - back
    if start >= until:
        raise OperatorError(
            f"there is nothing between FROM ({start:%Y-%m-%dT%H:%M:%SZ}) and {until:%Y-%m-%dT%H:%M:%SZ}",
            remedy="give a FROM before UNTIL, and before now",
        )
    if start < now - RETENTION - timedelta(minutes=1):
        raise OperatorError(
            f"X-Ray keeps traces for {RETENTION.days} days", remedy=f"ask for the last {RETENTION.days} days"
        )
    return Range(start, until)


def read(name: str, text: str) -> datetime:
    """Return *text*, an RFC 3339 time with its offset, in UTC. Raises OperatorError where it is none."""
    found = _RFC_3339.fullmatch(text.strip())
    try:
        time = datetime.fromisoformat(found[0].upper()).astimezone(UTC) if found else None
    except (ValueError, OverflowError):  # a day or an hour that no calendar has
        time = None
    if time is None:
        raise OperatorError(
            f"{name}: {text[:60]!r} is no RFC 3339 time", remedy="write it as 2026-11-21T03:00:00Z"
        )
    return time
