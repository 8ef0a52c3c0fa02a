"""Traces by rule over the day, for the picture: quarter-hours of the day (UTC), or parts of a shorter log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.forecast.traffic import DAY_SECONDS

if TYPE_CHECKING:
    from scripts.forecast.traffic import Traffic

SLOTS = 96


@dataclass
class Slots:
    """`traces` by rule and slot; `covered` is how many seconds of the traffic each slot has.

    `begin` is the first slot's time (epoch), `width` its seconds; `is_a_day` where days lie upon each other,
    and `begin` is midnight.
    """

    begin: int
    width: float
    is_a_day: bool
    covered: list[float]
    traces: list[list[float]]

    @classmethod
    def over(cls, traffic: Traffic, rules: int) -> Slots:
        """Return empty slots for *traffic*."""
        seconds = traffic.seconds
        first = seconds.first if seconds is not None and seconds.first is not None else 0
        is_a_day = seconds is None or traffic.duration > DAY_SECONDS // 2
        empty = [[0.0] * SLOTS for _ in range(rules)]
        if not is_a_day:
            width = max(1.0, traffic.duration / SLOTS)
            return cls(first, width, is_a_day, [width] * SLOTS, empty)
        width = DAY_SECONDS / SLOTS
        covered = [0.0] * SLOTS
        at, end = float(first), first + traffic.duration
        while at < end:
            following = min(end, (at // width + 1) * width)
            covered[int(at % DAY_SECONDS // width)] += following - at
            at = following
        return cls(0, width, is_a_day, covered, empty)

    def number_of(self, second: int) -> int:
        """Return the slot of a second."""
        at = second % DAY_SECONDS if self.is_a_day else second - self.begin
        return max(0, min(SLOTS - 1, int(at // self.width)))

    def add_evenly(self, rule: int, traces: float) -> None:
        """Add traces that come all day alike."""
        self.traces[rule] = [traces / SLOTS] * SLOTS

    def per_second(self, rule: int) -> list[float]:
        """Return a rule's traces a second, slot by slot."""
        return [
            traces / covered if covered else 0.0
            for traces, covered in zip(self.traces[rule], self.covered, strict=True)
        ]
