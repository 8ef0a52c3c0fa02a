"""What has to be removed again, and what could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class NotRemovedError(Exception):
    """A thing is still there; the text says what the service answered."""


class Brooms:
    """Each removes one thing, the last first; one that fails leaves the others to do their work."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Callable[[], object]]] = []
        self._left: list[str] = []

    def add(self, what: str, sweep: Callable[[], object]) -> None:
        """Have *sweep*, which raises where it can't, remove *what*; register before *what* is made."""
        self._waiting.append((what, sweep))

    def sweep(self) -> None:
        """Remove everything. One that was interrupted is still waiting, and done by the next call."""
        while self._waiting:
            what, broom = self._waiting[-1]
            try:
                broom()
            except Exception as error:  # noqa: BLE001 - whatever it is, the others still have to go
                self._left.append(f"{what} ({' '.join(str(error).split())[:200]})")
            self._waiting.pop()

    def take_left(self) -> tuple[str, ...]:
        """Return what could not be removed since this was asked last, with the reason."""
        left, self._left = tuple(self._left), []
        return left
