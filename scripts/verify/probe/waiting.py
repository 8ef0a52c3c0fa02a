"""Asking again and again until something is there, until a deadline, or until nobody wants to know."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SECONDS_MAX = 60.0
"""X-Ray has a trace within seconds, half a minute at most; Honeycomb within seconds."""


@dataclass(frozen=True)
class Found:
    """It is there: what, in words, and how long it took from the probe's answer on."""

    words: str
    seconds: float


@dataclass(frozen=True)
class Missing:
    """It is not there in time; ``heard`` is the last that the service said, empty where that was nothing.

    ``final`` tells that no asking helps: the service refuses to tell. ``remedy`` belongs to ``heard``.
    """

    heard: str = ""
    remedy: str = ""
    final: bool = False


class Waiting:
    """Bounds all that waits for one probe. *since* is when the probe was answered, by the monotonic clock."""

    def __init__(self, since: float, seconds: float = SECONDS_MAX) -> None:
        self.seconds = seconds
        self._since = since
        self._over = Event()

    @property
    def took(self) -> float:
        """Seconds since the probe was answered."""
        return time.monotonic() - self._since

    @property
    def left(self) -> float:
        """Seconds until the deadline; none once it is over."""
        return 0.0 if self._over.is_set() else max(0.0, self.seconds - self.took)

    def stop(self) -> None:
        """End all waits."""
        self._over.set()

    def pause(self, seconds: float) -> None:
        """Wait, at most until the deadline."""
        self._over.wait(min(seconds, self.left))

    def until(self, look: Callable[[], str | Missing], pauses: Sequence[float]) -> Found | Missing:
        """Return what *look* finds, asked at once and after each of *pauses*, the last of them repeated.

        *look* returns words for what is there; Missing for what isn't yet, or, where final, never will be.
        """
        number = 0
        while True:
            told = look()
            if isinstance(told, str):
                return Found(told, self.took)
            if told.final or not self.left:
                return told
            self.pause(pauses[min(number, len(pauses) - 1)])
            number += 1
