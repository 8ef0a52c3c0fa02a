"""A child in a process group of its own, streamed line by line, and interrupted once.

Terraform ends cleanly on one interrupt and throws its work away on the second. Terragrunt, told alone,
passes a signal on only after 15 seconds; so the whole group gets one SIGINT, and no more come from us.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.interrupts import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

_FIRST = "\nInterrupted: the running step gets one interrupt and ends cleanly. Please wait.\n"
_LATER = (
    "\nStill waiting: a second interrupt would end Terraform while it writes, so it is not passed on. "
    "The process group is {group}.\n"
)


@dataclass(frozen=True)
class Finished:
    """How a child ended: its exit code, and whether it was interrupted."""

    code: int
    interrupted: bool


class _Interrupts:
    """Counts signals and passes the first one on, as SIGINT, to the child's group once there is one."""

    def __init__(self) -> None:
        self.count = 0
        self._group: int | None = None

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 1:
            _write(_FIRST)
            self._pass_on()
        else:
            _write(_LATER.format(group=self._group))

    def attach(self, group: int) -> None:
        self._group = group
        if self.count:
            self._pass_on()

    def detach(self) -> None:
        self._group = None

    def _pass_on(self) -> None:
        if self._group is not None:
            interrupt(self._group)


def interrupt(group: int) -> None:
    """Send one SIGINT to process group *group*; nothing happens where it has ended."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGINT)


def _write(text: str) -> None:
    # A handler may run while the main thread is inside a print: only a plain write is safe here.
    with suppress(OSError):
        os.write(2, text.encode())


@contextmanager
def _watched() -> Iterator[_Interrupts]:
    """Handle signals while the block runs. Only a main thread can: elsewhere they are left as they are."""
    interrupts = _Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    former = {number: signal.signal(number, interrupts.handle) for number in SIGNALS}
    try:
        yield interrupts
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    on_line: Callable[[str], None],
    folder: Path | None = None,
) -> Finished:
    """Run *command* and give each line of its output, both streams in their order, to *on_line*.

    Whatever happens here, the child has ended when this returns: where *on_line* raises, it is interrupted
    and waited for. Raises OSError where it can't be started.
    """
    with _watched() as interrupts:
        child = subprocess.Popen(
            list(command),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        interrupts.attach(child.pid)
        try:
            assert child.stdout is not None  # noqa: S101 - as asked for above
            for line in child.stdout:
                on_line(line.decode("utf-8", errors="replace").rstrip("\r\n"))
        except BaseException:
            if not interrupts.count:
                interrupt(child.pid)
            raise
        finally:
            _drain(child)
            code = child.wait()
            interrupts.detach()
        return Finished(code, interrupts.count > 0)


def _drain(child: subprocess.Popen[bytes]) -> None:
    """Read what is left, so that a child that still writes can end."""
    if child.stdout is not None:
        for _ in child.stdout:
            pass
        child.stdout.close()
