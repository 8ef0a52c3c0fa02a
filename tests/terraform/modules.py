"""Stacks planned as modules of one root, many at once, at an AWS of the test's own."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.terraform.commands import APP, Finished, base_environment, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def plan(
    folder: Path,
    stack: str,
    cases: Mapping[str, Mapping[str, Any]],
    provider: dict[str, str],
    region: str = "us-east-1",
) -> Finished:
    """Plan *stack* once for each of *cases* (name: inputs), in one run; its lines are JSON, the plan a file.

    The values pass through one variable: only then does Terraform evaluate every validation in one go.
    """
    shutil.copytree(APP / "stacks" / stack, folder / stack, ignore=shutil.ignore_patterns(".terraform*"))
    skip = dict.fromkeys(
        ("skip_credentials_validation", "skip_requesting_account_id", "skip_metadata_api_check"), True
    )
    root = {
        "variable": {"cases": {"type": "any"}},
        "provider": {"aws": {"region": region} | skip},
        "module": {
            name: {"source": f"./{stack}"} | {key: f'${{var.cases["{name}"]["{key}"]}}' for key in inputs}
            for name, inputs in cases.items()
        },
    }
    (folder / "main.tf.json").write_text(json.dumps(root))
    (folder / "terraform.tfvars.json").write_text(json.dumps({"cases": cases}))
    environment = {**base_environment(), **provider}
    initialised = run(["terraform", "init", "-no-color"], folder, environment)
    assert initialised.code == 0, initialised.text
    return run(["terraform", "plan", "-input=false", "-json", "-out=plan"], folder, environment)


def told(done: Finished, severity: str = "error") -> dict[str, list[str]]:
    """Return what was told of each case: the details, each in one line.

    Terraform names the case for variables alone; what was told of a resource stands under "".
    """
    found: dict[str, list[str]] = {}
    for line in map(json.loads, done.output.splitlines()):
        diagnostic = line.get("diagnostic")
        if diagnostic is not None and diagnostic["severity"] == severity:
            context = (diagnostic.get("snippet") or {}).get("context") or ""
            name = context.removeprefix("module.") if context.startswith("module.") else ""
            found.setdefault(name, []).append(" ".join(diagnostic["detail"].split()))
    return found


def planned(folder: Path, provider: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the planned resources of each case, as Terraform shows them."""
    done = run(["terraform", "show", "-json", "plan"], folder, base_environment() | provider)
    assert done.code == 0, done.text
    modules = json.loads(done.output)["planned_values"]["root_module"]["child_modules"]
    return {module["address"].removeprefix("module."): module["resources"] for module in modules}
