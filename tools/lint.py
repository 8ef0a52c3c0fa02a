"""``make lint``: exactly what CI checks before the tests; ``make format`` mends what can be mended."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tools import actionlint, checkov, locate, progress, static_checks, terraform_docs, tflint, tracked
from tools.checks import DATA, Check, run
from tools.errors import ToolError
from tools.python_environment import FOLDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STACKS = ROOT / "terraform" / "backend-app" / "stacks"
WORKFLOWS = ROOT / ".github" / "workflows"


def ready() -> Iterator[tuple[str, Path]]:
    """Yield what lint alone needs, by name, and set it up where it isn't there.

    Raises ToolError where one can't be had.
    """
    yield "actionlint", actionlint.ensure()
    yield "terraform-docs", terraform_docs.ensure()
    yield "tflint", tflint.ensure()
    yield from checkov.ensure().items()


def stacks() -> list[Path]:
    """Return the folders that hold Terraform modules."""
    return sorted({path.parent for path in STACKS.glob("*/*.tf")})


def dockerfiles() -> list[Path]:
    """Return the project's Dockerfiles, the tests' planted ones aside."""
    every = (path for path in tracked.files() if path.name == "Dockerfile")
    return sorted(path for path in every if path.relative_to(ROOT).parts[0] != "tests")


def checks(programs: Mapping[str, Path]) -> Iterator[Check]:
    """Yield every check by *programs*, which are `ready`'s; cheap ones first.

    Raises ToolError where Terraform or Terragrunt is missing.
    """
    python = FOLDER / "bin" / "python"
    yield Check("ruff check", (FOLDER / "bin" / "ruff", "check", "."))
    yield Check("ruff format", (FOLDER / "bin" / "ruff", "format", "--check", "."))
    yield Check("secret scan", (python, "-m", "tools.secret_scan"))
    yield Check("lock files", (python, "-m", "tools.lock_check"))
    yield Check("filter expressions", (python, "-m", "tools.filters_check"))
    yield Check("workflows", (python, "-m", "tools.workflows_check"))
    # neither shellcheck nor pyflakes: a step calls make alone, and what happens to be on PATH must not decide
    alone = ("-shellcheck=", "-pyflakes=", "-no-color")
    yield Check("actionlint", (programs["actionlint"], *alone, *sorted(WORKFLOWS.glob("*.y*ml"))))
    yield from static_checks.schemas(programs["check-jsonschema"], ROOT)
    if found := dockerfiles():
        yield static_checks.hadolint(programs["hadolint"], found)
    for stack in stacks():
        yield static_checks.tables(programs["terraform-docs"], stack)
        yield static_checks.tflint(programs["tflint"], stack)
    yield static_checks.checkov(programs["checkov"], ROOT)
    yield Check("mypy", (FOLDER / "bin" / "mypy",))
    terraform, terragrunt = locate.terraform(), locate.terragrunt()
    yield Check("terraform fmt", (terraform, "fmt", "-check", "-recursive", "-diff", "terraform"))
    yield Check("terragrunt hcl fmt", (terragrunt, "hcl", "fmt", "--check", "--diff", "--no-color"))
    for stack in stacks():
        data = DATA / stack.name
        init = (terraform, "init", "-backend=false", "-input=false", "-no-color", "-lockfile=readonly")
        yield Check(f"terraform init {stack.name}", init, stack, data)
        yield Check(f"terraform validate {stack.name}", (terraform, "validate", "-no-color"), stack, data)


def mend() -> Iterator[Check]:
    """Yield the commands that rewrite files in their standard form.

    Raises ToolError where a tool is missing.
    """
    tables = terraform_docs.ensure()
    yield Check("ruff check --fix", (FOLDER / "bin" / "ruff", "check", "--fix", "--quiet", "."))
    yield Check("ruff format", (FOLDER / "bin" / "ruff", "format", "."))
    yield Check("terraform fmt", (locate.terraform(), "fmt", "-recursive", "terraform"))
    yield Check("terragrunt hcl fmt", (locate.terragrunt(), "hcl", "fmt", "--no-color"))
    for stack in stacks():
        yield static_checks.tables(tables, stack, write=True)


def main() -> int:
    """Return 0 where every check passes, 1 where one does not, 2 where a tool is missing."""
    parser = argparse.ArgumentParser(prog="tools.lint", description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite files in their standard form")
    arguments = parser.parse_args()
    try:
        wanted = mend() if arguments.write else checks(dict(ready()))
        results = [run(check) for check in wanted]
    except ToolError as error:
        progress.say(f"lint: {error}")
        return 2
    failed = results.count(False)
    print(f"lint: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
