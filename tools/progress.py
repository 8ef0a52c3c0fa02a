"""Slow steps that show they are alive. All of it goes to stderr: stdout belongs to documents."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TERMINAL_INTERVAL_SECONDS = 0.2
PLAIN_INTERVAL_SECONDS = 20.0
_FRAMES = "|/-\\"


def say(text: str) -> None:
    """Print one line to stderr."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show *text* and, until the block ends, that it goes on: a spinner or a line now and then."""
    done = threading.Event()
    began = time.monotonic()
    terminal = sys.stderr.isatty()

    def beat() -> None:
        frame = 0
        while not done.wait(TERMINAL_INTERVAL_SECONDS if terminal else PLAIN_INTERVAL_SECONDS):
            seconds = time.monotonic() - began
            if terminal:
                sys.stderr.write(f"\r{_FRAMES[frame % 4]} {text} {seconds:.0f} s ")
                sys.stderr.flush()
                frame += 1
            else:
                say(f"  {text}: still at it after {seconds:.0f} s")

    if not terminal:
        say(f"{text} ...")
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if terminal:
            sys.stderr.write("\r\033[K")
    say(f"{text}: done in {time.monotonic() - began:.0f} s")


def run(
    command: Sequence[str | Path], *, environment: Mapping[str, str], folder: Path | None = None
) -> tuple[int, str]:
    """Run *command* without input and return its exit code and its output, both streams as one text."""
    finished = subprocess.run(
        [str(part) for part in command],
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return finished.returncode, finished.stdout
