"""What tflint, terraform-docs, checkov, hadolint and check-jsonschema are asked.

The first four have their files at the checkout's root.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.checks import DATA, Check, Command
from tools.python_environment import FOLDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_HOME = DATA / "home"


def tflint(program: Path, stack: Path) -> Check:
    """Look for unused, undescribed, badly named or outdated things in the module *stack*."""
    command: Command = (program, f"--config={ROOT / '.tflint.hcl'}", "--format=compact", "--no-color")
    return Check(f"tflint {stack.name}", command, stack, home=_HOME)


def tables(program: Path, stack: Path, *, write: bool = False) -> Check:
    """Compare the tables in the README of *stack* with its variables and outputs, or write them anew."""
    how = () if write else ("--output-check",)
    command: Command = (program, "--config", ROOT / ".terraform-docs.yml", *how, ".")
    return Check(f"terraform-docs {stack.name}", command, stack, home=_HOME)


def checkov(program: Path, root: Path) -> Check:
    """Look for what is insecure in the modules, workflows and Dockerfiles below *root*, asking nobody."""
    # tests by its whole path: a checkout may itself lie in a folder of that name. A dockerfile.py would be
    # read as a Dockerfile, and units as modules.
    skipped = (f"^{re.escape(str(root / 'tests'))}$", r"\.py$", r"\.hcl$")
    options = [word for pattern in skipped for word in ("--skip-path", pattern)]
    command: Command = (program, "--config-file", ROOT / ".checkov.yaml", "--directory", root, *options)
    return Check("checkov", command, root, home=_HOME, never="Parsing errors")


def hadolint(program: Path, dockerfiles: Iterable[Path]) -> Check:
    """Look at each of *dockerfiles*, and by shellcheck at the shell commands in them."""
    command: Command = (program, "--no-color", "--config", ROOT / ".hadolint.yaml", *dockerfiles)
    return Check("hadolint", command, home=_HOME)


def schemas(program: Path, root: Path) -> Iterator[Check]:
    """Hold the compose files, GitHub's files and the development container below *root* against schemas.

    Those that check-jsonschema brings with it; one of our own where it has none.
    """
    compose: Command = (FOLDER / "bin" / "python", "-m", "tools.compose_check", program)
    yield Check("compose files", (*compose, *sorted(root.glob("docker-compose*.y*ml"))), home=_HOME)
    quiet: Command = (program, "--color", "never")
    github = root / ".github"
    for name, schema, files in (
        ("workflows' schema", "vendor.github-workflows", github.glob("workflows/*.y*ml")),
        ("actions' schema", "vendor.github-actions", github.glob("actions/*/action.y*ml")),
    ):
        yield Check(name, (*quiet, "--builtin-schema", schema, *sorted(files)), root, home=_HOME)
    ours = ROOT / "tools" / "schemas" / "devcontainer.json"
    container = root / ".devcontainer" / "devcontainer.json"
    yield Check("development container", (*quiet, "--schemafile", ours, container), root, home=_HOME)
