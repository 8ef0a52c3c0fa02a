"""How many requests of each class each second had, kept compactly and in order; much of it goes to a file."""

from __future__ import annotations

import tempfile
import weakref
from array import array
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS_IN_MEMORY = 4_000_000
_WINDOW_SECONDS = 20_000
_WINDOW_PAIRS = 300_000
_LOOK_EVERY = 1024


class Seconds:
    """Counts by second and class. Lines of a log may be out of order, as far as the window reaches.

    `late` counts requests that came after their second was put away; they stand as a second of their own.
    """

    def __init__(self) -> None:
        self.first: int | None = None
        self.last = 0
        self.late = 0
        self.busy = 0
        self.longest_gap = (0, 0)
        self._window: dict[int, dict[int, int]] = {}
        self._begun = 0
        self._put_away = -1
        self._numbers = array("I")
        self._file: BinaryIO | None = None

    def of(self, second: int) -> dict[int, int]:
        """Return the counts by class of `second` (epoch), to be added to until the next call."""
        counts = self._window.get(second)
        if counts is None:
            self._begun += 1
            if self._begun % _LOOK_EVERY == 0 and self._is_full():
                self._put_away_until(max(1, len(self._window) // 2))
            counts = self._window[second] = {}
        return counts

    def _is_full(self) -> bool:
        return len(self._window) > _WINDOW_SECONDS or sum(map(len, self._window.values())) > _WINDOW_PAIRS

    def close(self) -> None:
        """Put the rest away: nothing more is added."""
        self._put_away_until(len(self._window))

    def _put_away_until(self, count: int) -> None:
        for second in islice(sorted(self._window), count):
            counts = self._window.pop(second)
            self._note(second, counts)
            self._numbers.append(second)
            self._numbers.append(len(counts))
            for pair in counts.items():
                self._numbers.extend(pair)
        if len(self._numbers) > NUMBERS_IN_MEMORY:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this is
                weakref.finalize(self, self._file.close)
            self._numbers.tofile(self._file)
            self._numbers = array("I")

    def _note(self, second: int, counts: dict[int, int]) -> None:
        if second <= self._put_away:
            self.late += sum(counts.values())
            self.first = min(second, self.first if self.first is not None else second)
            return
        if self.first is None:
            self.first = second
        elif second - self.last > self.longest_gap[1] - self.longest_gap[0]:
            self.longest_gap = (self.last, second)
        self.busy += 1
        self.last = self._put_away = second

    def __iter__(self) -> Iterator[tuple[int, array[int]]]:
        """Yield each second with its classes and counts, one after the other: c, n, c, n ..."""
        for numbers in self._blocks():
            at, end = 0, len(numbers)
            while at < end:
                following = at + 2 + 2 * numbers[at + 1]
                yield numbers[at], numbers[at + 2 : following]
                at = following

    def _blocks(self) -> Iterator[array[int]]:
        """Yield the numbers in parts that begin and end with whole seconds."""
        if self._file is not None:
            self._file.seek(0)
            rest = array("I")
            while read := self._file.read(NUMBERS_IN_MEMORY):
                rest.frombytes(read)
                whole = _whole(rest)
                yield rest[:whole]
                rest = rest[whole:]
        yield self._numbers


def _whole(numbers: array[int]) -> int:
    """Return how many of the numbers belong to seconds that are there as a whole."""
    at = 0
    while at + 1 < len(numbers) and at + 2 + 2 * numbers[at + 1] <= len(numbers):
        at += 2 + 2 * numbers[at + 1]
    return at
