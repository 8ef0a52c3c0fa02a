"""A call that several checks need."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Answer = TypeVar("_Answer")


class Once(Generic[_Answer]):
    """Asks when first called, and gives the one answer, or the one failure, to each caller. Thread-safe."""

    def __init__(self, ask: Callable[[], _Answer]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._answers: list[_Answer] = []
        self._error: Exception | None = None

    def __call__(self) -> _Answer:
        """Return the answer. Raises what asking raised, each time."""
        with self._lock:
            if self._error is None and not self._answers:
                try:
                    self._answers.append(self._ask())
                except Exception as error:  # noqa: BLE001 - raised below, for each caller
                    self._error = error
        if self._error is not None:
            raise self._error
        return self._answers[0]
