"""Commands that tests start and stop in their middle, and the end of what a test left running."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import subprocess

END_TIMEOUT_SECONDS = 60


def until(running: subprocess.Popen[str], mark: str) -> list[str]:
    """Return the lines of *running* up to the first one with *mark*."""
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        lines.append(line)
        if mark in line:
            return lines
    raise AssertionError(f"it ended without {mark!r}:\n{''.join(lines)}")


def rest(running: subprocess.Popen[str]) -> list[str]:
    """Return what *running* still says, once it has ended."""
    assert running.stdout is not None
    with running.stdout:
        lines = running.stdout.read().splitlines()
    running.wait(timeout=END_TIMEOUT_SECONDS)
    return lines


def kill_all(running: subprocess.Popen[str]) -> None:
    """Kill a command and all that it has started, as a machine that goes down does.

    What it has started has sessions of its own, so that its group is not all. Nothing happens where it has
    ended.
    """
    with running:
        if running.poll() is None:
            below = psutil.Process(running.pid)
            for process in [*below.children(recursive=True), below]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()


def working_in(folder: Path) -> list[psutil.Process]:
    """Return the processes that work in *folder* or below it, as far as they can be seen."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.AccessDenied, psutil.NoSuchProcess):
            if Path(process.cwd()).is_relative_to(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_all(folder: Path) -> None:
    """Kill what works in *folder* or below it: what a command left that a test has killed."""
    for process in working_in(folder):
        with suppress(psutil.NoSuchProcess):
            process.kill()
