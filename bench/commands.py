"""Whole commands, run and timed: wall seconds, and a failure that says what it was."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 300


class CommandFailedError(Exception):
    """A command that is measured ended with an error; its last lines are the message."""


def wall_seconds(
    command: Sequence[str | Path], *, folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> float:
    """Run *command* to its end and return the wall seconds it took. Raises CommandFailedError."""
    began = time.perf_counter()
    output(command, folder=folder, environment=environment)
    return time.perf_counter() - began


def output(
    command: Sequence[str | Path], *, folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> str:
    """Run *command* to its end and return its standard output. Raises CommandFailedError."""
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    if finished.returncode != 0:
        last = "\n".join((finished.stdout + finished.stderr).splitlines()[-15:])
        raise CommandFailedError(f"{' '.join(map(str, command))} ended with {finished.returncode}:\n{last}")
    return finished.stdout


def scripts(*arguments: str) -> list[str]:
    """Return the command line of an operator's command."""
    return [sys.executable, "-m", "scripts", *arguments]
