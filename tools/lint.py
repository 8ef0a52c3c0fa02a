"""``make lint``: exactly what CI checks before the tests; ``make format`` mends what can be mended."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools import actionlint, locate, progress
from tools.errors import ToolError
from tools.python_environment import FOLDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STACKS = ROOT / "terraform" / "backend-app" / "stacks"
WORKFLOWS = ROOT / ".github" / "workflows"
_DATA = ROOT / ".local" / "lint"


@dataclass(frozen=True)
class Check:
    """One command that passes with exit code 0."""

    name: str
    command: tuple[str | Path, ...]
    folder: Path = ROOT
    data: Path | None = None


def checks() -> Iterator[Check]:
    """Yield every check, cheap ones first. Raises ToolError where a tool is missing."""
    python = FOLDER / "bin" / "python"
    yield Check("ruff check", (FOLDER / "bin" / "ruff", "check", "."))
    yield Check("ruff format", (FOLDER / "bin" / "ruff", "format", "--check", "."))
    yield Check("secret scan", (python, "-m", "tools.secret_scan"))
    yield Check("lock files", (python, "-m", "tools.lock_check"))
    yield Check("filter expressions", (python, "-m", "tools.filters_check"))
    yield Check("workflows", (python, "-m", "tools.workflows_check"))
    # neither shellcheck nor pyflakes: a step calls make alone, and what happens to be on PATH must not decide
    alone = ("-shellcheck=", "-pyflakes=", "-no-color")
    yield Check("actionlint", (actionlint.ensure(), *alone, *sorted(WORKFLOWS.glob("*.y*ml"))))
    yield Check("mypy", (FOLDER / "bin" / "mypy",))
    terraform, terragrunt = locate.terraform(), locate.terragrunt()
    yield Check("terraform fmt", (terraform, "fmt", "-check", "-recursive", "-diff", "terraform"))
    yield Check("terragrunt hcl fmt", (terragrunt, "hcl", "fmt", "--check", "--diff", "--no-color"))
    for stack in sorted({path.parent for path in STACKS.glob("*/*.tf")}):
        data = _DATA / stack.name
        init = (terraform, "init", "-backend=false", "-input=false", "-no-color", "-lockfile=readonly")
        yield Check(f"terraform init {stack.name}", init, stack, data)
        yield Check(f"terraform validate {stack.name}", (terraform, "validate", "-no-color"), stack, data)


def mend() -> Iterator[Check]:
    """Yield the commands that rewrite files in their standard form."""
    yield Check("ruff check --fix", (FOLDER / "bin" / "ruff", "check", "--fix", "--quiet", "."))
    yield Check("ruff format", (FOLDER / "bin" / "ruff", "format", "."))
    yield Check("terraform fmt", (locate.terraform(), "fmt", "-recursive", "terraform"))
    yield Check("terragrunt hcl fmt", (locate.terragrunt(), "hcl", "fmt", "--no-color"))


def run(check: Check) -> bool:
    """Run *check*, print its result and, where it failed, its output; return whether it passed."""
    environment = dict(os.environ, TF_CLI_CONFIG_FILE=str(locate.cli_config()), TF_IN_AUTOMATION="1")
    environment["MYPY_CACHE_DIR"] = str(ROOT / ".mypy_cache")
    if check.data is not None:
        environment["TF_DATA_DIR"] = str(check.data)
    code, output = progress.run(check.command, environment=environment, folder=check.folder)
    print(f"{'pass' if code == 0 else 'FAIL'}  {check.name}", flush=True)
    if code != 0:
        print(output.rstrip(), flush=True)
    return code == 0


def main() -> int:
    """Return 0 where every check passes, 1 where one does not, 2 where a tool is missing."""
    parser = argparse.ArgumentParser(prog="tools.lint", description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite files in their standard form")
    arguments = parser.parse_args()
    try:
        results = [run(check) for check in (mend() if arguments.write else checks())]
    except ToolError as error:
        progress.say(f"lint: {error}")
        return 2
    failed = results.count(False)
    print(f"lint: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
