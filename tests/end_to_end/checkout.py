"""A copy of the checkout in a folder of its own: state, caches and addresses of a test touch nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
COMMAND_TIMEOUT_SECONDS = 240
_OTHERS = {
    "TRACED_BACKEND_LOCAL",
    "TRACED_BACKEND_DEPLOYMENTS",
    "TRACEPARENT",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
}
_LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    ".local",
    ".terraform",
    ".terragrunt-cache",
    ".*_cache",
    ".hypothesis",
    "results",
)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Return what isn't copied; of the tests compiled code neither, which holds their keys in one piece."""
    is_test = Path(folder).is_relative_to(ROOT / "tests")
    return _LEFT_OUT(folder, names) | ({"__pycache__"} if is_test else set())


@dataclass
class Checkout:
    """A copy of the project; ``run`` starts an operator's command in it, as make does."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def copy_to(cls, folder: Path) -> Checkout:
        """Copy what belongs to the project to *folder*."""
        shutil.copytree(ROOT, folder, ignore=_left_out, symlinks=True)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        return cls(folder)

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        timeout: float = COMMAND_TIMEOUT_SECONDS,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python -m scripts <arguments>`` to its end, without a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "scripts", *arguments],
            cwd=self.root,
            env=self.child_environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start ``python -m scripts <arguments>`` in a session of its own and return the process."""
        return subprocess.Popen(
            [sys.executable, "-m", "scripts", *arguments],
            cwd=self.root,
            env=self.child_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def child_environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a command: this one's, the checkout's, and *extra*.

        What another test of this process set for a cloud or a trace of its own is not this command's, nor is
        what ``make test`` hands on to a make.
        """
        own = {name: value for name, value in os.environ.items() if name not in _OTHERS}
        return {**own, **self.environment, **(extra or {})}

    def succeed(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a command that has to end with 0 and return what it printed on both streams."""
        finished = self.run(*arguments, environment=environment)
        text = finished.stdout + finished.stderr
        assert finished.returncode == 0, f"{arguments} ended with {finished.returncode}:\n{text}"
        return text

    def addresses(self) -> dict[str, str]:
        """Return the variables of ``.local/env``, read by a shell as a user would."""
        finished = subprocess.run(
            ["/bin/sh", "-c", ". ./.local/env && env -0"],
            cwd=self.root,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        pairs = (line.split("=", 1) for line in finished.stdout.split("\0") if "=" in line)
        return {name: value for name, value in pairs if name != "PWD"}

    def verify(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Run verify with JSON output and return its exit code and its document."""
        finished = self.run("verify", "--format", "json", *arguments, environment=environment)
        try:
            return finished.returncode, json.loads(finished.stdout)
        except ValueError as error:
            raise AssertionError(f"no document on stdout:\n{finished.stdout}\n{finished.stderr}") from error
