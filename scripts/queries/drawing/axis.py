"""The time axis: equal parts from the beginning of the window to its end, and what to write below them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.queries.result import Result

PARTS_MAX = 100
_DAY_SECONDS = 86400


@dataclass(frozen=True)
class Axis:
    """`parts` parts of `seconds` each; the first begins at `begin`, epoch seconds, a multiple of that."""

    begin: int
    seconds: int
    parts: int

    @classmethod
    def of(cls, found: Result) -> Axis:
        """Return the axis of a result's series."""
        seconds = max(1, found.granularity)
        begin = int(found.begin.timestamp()) // seconds * seconds
        parts = -(-(int(found.end.timestamp()) - begin) // seconds)
        return cls(begin, seconds, max(1, min(parts, PARTS_MAX)))

    def part(self, time: datetime) -> int:
        """Return the part that *time* is in; what is beyond either end counts to it."""
        return max(0, min(self.parts - 1, int((time.timestamp() - self.begin) // self.seconds)))

    def label(self, part: int) -> str:
        """Return when *part* begins, in UTC: with the day where the axis is longer than one."""
        time = datetime.fromtimestamp(self.begin + part * self.seconds, UTC)
        if self.parts * self.seconds > _DAY_SECONDS:
            return time.strftime("%m-%d %H:%M")
        return time.strftime("%H:%M" if self.seconds % 60 == 0 else "%H:%M:%S")

    def ticks(self, columns: int = 1) -> str:
        """Return a line of times, four or so, each beginning below its part, of *columns* each."""
        room = len(self.label(0)) + 1
        step = max(1, -(-room // columns), -(-self.parts // 4))
        line = ""
        for part in range(0, self.parts, step):
            if part == 0 or part * columns + room - 1 <= self.parts * columns:
                line = line.ljust(part * columns) + self.label(part)
        return line

    @property
    def words(self) -> str:
        """How long each part is, and where the axis begins and ends."""
        end = datetime.fromtimestamp(self.begin + self.parts * self.seconds, UTC)
        begin = datetime.fromtimestamp(self.begin, UTC)
        layout = "%Y-%m-%d %H:%M" if self.parts * self.seconds > _DAY_SECONDS else "%H:%M"
        return f"{span(self.seconds)} each, {begin.strftime(layout)} to {end.strftime(layout)} UTC"


def span(seconds: int) -> str:
    """Return *seconds* as ``30 s``, ``5 min``, ``2 h`` or ``7 d``, whichever is whole."""
    for unit, length in (("d", _DAY_SECONDS), ("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
