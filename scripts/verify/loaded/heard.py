"""Who was heard of, from wherever it was read, and what could not be read there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.verify.loaded.worker import Worker


class HearingError(Exception):
    """Nobody could be heard of; ``remedy`` says what to do."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True)
class Heard:
    """Workers that told what they loaded; ``silent`` are known to be there and told nothing.

    ``wanted`` is how many there should be, where that is known. ``doubts`` say why others, or what they
    loaded later, may be missing, each with its remedy.
    """

    place: str
    workers: Sequence[Worker] = ()
    silent: Sequence[str] = ()
    wanted: int | None = None
    doubts: Sequence[tuple[str, str]] = ()
