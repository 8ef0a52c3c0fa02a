"""Signals that end a command: Ctrl-C, a terminal that goes away, a stop from outside.

``leave_at_once`` while the command is loaded, ``install`` while it works, ``ignore`` once its exit code is
decided. Imports next to nothing: until the first of them is called, Python's own answer is a traceback.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_INTERRUPTED = 2


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def leave_at_once(command: str) -> None:
    """End the process at each of them, with one line: for a *command* that has not begun anything.

    An exception would not do while modules are imported: Python drops those that are raised in a callback.
    """
    line = f"{command}: interrupted\n".encode()

    def leave(_number: int, _frame: FrameType | None) -> None:
        try:
            os.write(2, line)
        finally:
            os._exit(EXIT_INTERRUPTED)

    _handle(leave)


def install() -> None:
    """Turn each of them into KeyboardInterrupt, so that every ``finally`` on the way is kept."""
    _handle(_raise)


def ignore() -> None:
    """Ignore each of them: the command is over, and its exit code is decided."""
    _handle(signal.SIG_IGN)


@contextmanager
def put_off() -> Iterator[None]:
    """Let none of them come between a process's start and the note of it: they count after the block.

    Only a main thread gets signals: elsewhere this does nothing.
    """
    import threading  # not needed while a command is loaded, which is when each millisecond counts

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    former = {number: signal.signal(number, lambda got, _frame: came.append(got)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def _handle(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)
