"""Signals that end a command: Ctrl-C, a terminal that goes away, a stop from outside."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def ignore() -> None:
    """Ignore each of them: the command is over, and its exit code is decided."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def install() -> None:
    """Turn each of them into KeyboardInterrupt, so that every ``finally`` on the way is kept."""
    for number in SIGNALS:
        signal.signal(number, _raise)
