"""The traffic that a forecast is made for: given second by second, or as rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.forecast.classes import RequestClass
    from scripts.forecast.seconds import Seconds

DAY_SECONDS = 86_400
BROKEN_NAMED = 10


@dataclass
class Reading:
    """What became of a file's lines: read, left aside with the reason, broken (the first ten by number)."""

    lines: int = 0
    broken: int = 0
    broken_lines: list[int] = field(default_factory=list)
    aside: dict[str, int] = field(default_factory=dict)

    def note_broken(self, line: int) -> None:
        """Count a line that isn't of the file's format."""
        self.broken += 1
        if len(self.broken_lines) < BROKEN_NAMED:
            self.broken_lines.append(line)

    def note_aside(self, reason: str) -> None:
        """Count a line that is right, and is no request of the backend's."""
        self.aside[reason] = self.aside.get(reason, 0) + 1


@dataclass
class Traffic:
    """Requests by class over `duration` seconds.

    `seconds` has them second by second; None: they are rates, and arrive at random (Poisson).
    """

    source: str
    classes: list[RequestClass]
    duration: int
    seconds: Seconds | None = None
    reading: Reading = field(default_factory=Reading)
    notes: list[str] = field(default_factory=list)

    def per_second(self, amount: float) -> float:
        """Return an amount of the whole traffic as one a second."""
        return amount / self.duration

    @property
    def requests(self) -> float:
        """All requests, in the whole of `duration`."""
        return sum(one.requests for one in self.classes)
