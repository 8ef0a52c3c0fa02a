"""The demo's steps: each is a command that anybody can type, run as such, with its summary line shown."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from scripts import paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.output import Output

INTERRUPT_TIMEOUT_SECONDS = 60.0


class StepFailedError(Exception):
    """A step ended with another exit code than 0; its output has been shown."""

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f"{command} ended with {code}")
        self.command = command
        self.code = code


def run(output: Output, command: str, *arguments: str) -> str:
    """Run one of our commands, show its summary line, and return all that it printed.

    Raises StepFailedError, after showing its whole output, where it does not end with 0.
    """
    with output.step(command):
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts", command, *arguments],
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate()
        except KeyboardInterrupt:
            # Its own session keeps the terminal's Ctrl-C from it: one signal, and time to end cleanly.
            process.send_signal(signal.SIGINT)
            _end(process)
            raise
    lines = printed.strip().splitlines()
    if process.returncode != 0:
        for line in lines:
            output.say(line)
        raise StepFailedError(command, process.returncode)
    output.say(f"  {lines[-1] if lines else 'done'}")
    return printed


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.communicate(timeout=INTERRUPT_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def headline(output: Output, number: int, total: int, text: str) -> None:
    """Print the line that a step begins with."""
    output.say(f"[{number}/{total}] {text}", style="bold")


def tools_summary() -> Sequence[str]:
    """Return one line a tool: where it is. Raises ToolError where one is missing."""
    from tools import locate

    return (
        f"python {sys.version.split()[0]}, terraform {locate.terraform()}, terragrunt {locate.terragrunt()}",
        f"AWS provider {locate.provider()}",
    )
