"""One check or rewriting of `make lint` and `make format`: a command that passes with exit code 0."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tools import locate, progress
from tools.python_environment import ROOT

Command = tuple[str | Path, ...]
DATA = ROOT / ".local" / "lint"
# Settings of linters that the shell may have; what CI finds, everybody finds.
_LINTERS_OWN = ("BC_", "CHECKOV_", "CKV_", "HADOLINT_", "TFLINT_")


@dataclass(frozen=True)
class Check:
    """A command, the folder it runs in, where Terraform keeps its data, and whose home folder it sees.

    `home` is a folder for programs that would read a configuration of the user's own. With `never` in its
    output a check fails whatever its exit code: a file that wasn't read was not checked.
    """

    name: str
    command: Command
    folder: Path = ROOT
    data: Path | None = None
    home: Path | None = None
    never: str | None = None


def run(check: Check) -> bool:
    """Run *check*, print its result and, where it failed, its output; return whether it passed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_LINTERS_OWN)}
    environment |= {"TF_CLI_CONFIG_FILE": str(locate.cli_config()), "TF_IN_AUTOMATION": "1"}
    environment["MYPY_CACHE_DIR"] = str(ROOT / ".mypy_cache")
    if check.data is not None:
        environment["TF_DATA_DIR"] = str(check.data)
    if check.home is not None:
        check.home.mkdir(parents=True, exist_ok=True)
        environment["HOME"] = str(check.home)
    code, output = progress.run(check.command, environment=environment, folder=check.folder)
    passed = code == 0 and (check.never is None or check.never not in output)
    print(f"{'pass' if passed else 'FAIL'}  {check.name}", flush=True)
    if not passed:
        print(output.rstrip(), flush=True)
    return passed
