"""What a workflow's step may run: a make target that exists, and where what it prints is kept."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from tools.python_environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASSIGNMENT = re.compile(r"[A-Z_]+=.*", re.DOTALL)
# Where a document that make writes may go: the runner's folder for this job, or the job's own summary.
_REDIRECTION = re.compile(r'\s*(?:>\s*"\$RUNNER_TEMP/[\w.-]+"|>>\s*"\$GITHUB_STEP_SUMMARY")\s*$')
_SHELL = re.compile(r"[;&|<>`]|\$\(")


def targets() -> set[str]:
    """Return the Makefile's documented targets."""
    return set(re.findall(r"^([a-z][a-z-]*):[^\n]*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def problems(command: str) -> Iterator[str]:
    """Yield what is wrong with one line of a step: it may call a make target, and keep what that prints."""
    if not command.strip():
        return
    if "${{" in command:
        yield "`${{ }}` in `run` becomes part of the command: hand it over by `env`"
        return
    called = _REDIRECTION.sub("", command)
    if _SHELL.search(called):
        yield f"more than a make target is called: {command.strip()}"
        return
    try:
        words = shlex.split(called)
    except ValueError as error:
        yield f"{command.strip()}: {error}"
        return
    if len(words) < 2 or words[0] != "make" or not all(map(_ASSIGNMENT.fullmatch, words[2:])):
        yield f"more than a make target is called: {command.strip()}"
    elif words[1] not in targets():
        yield f"there is no make target {words[1]}"
