"""A plan made and printed by the real Terraform, of the xray stack and a secret that is given away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from scripts.check import engine, plan_file
from scripts.errors import OperatorError
from tests.scripts.check.subjects import NAME, by_id, ids_of
from tests.terraform.commands import APP, base_environment
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scripts.terragrunt.render import Unit

SECRET = "a value that nobody is to see"
# A sensitive variable that isn't ephemeral: Terraform shows it as (sensitive value), and prints it in JSON.
_EXTRA = """
provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
variable "handed_over" {
  type      = string
  sensitive = true
}
resource "aws_ssm_parameter" "copy" {
  name  = "/cruddur/local/copy"
  type  = "SecureString"
  value = var.handed_over
}
"""
_VALUES = {
    "group_name": NAME,
    "filter_expression": f'service("{NAME[:-1]}h")',
    "sampling_rules": {
        NAME: {"priority": 9000, "reservoir_size": 5, "fixed_rate": 0.1, "service_name": NAME},
        "wide": {"priority": 1, "reservoir_size": 5, "fixed_rate": 0.1},
    },
    "handed_over": SECRET,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan, `unit.plan`, and what `terraform show -json` prints of it, `unit.json`."""
    folder = tmp_path_factory.mktemp("plan") / "xray"
    shutil.copytree(APP / "stacks" / "xray", folder, ignore=shutil.ignore_patterns(".terraform"))
    (folder / "extra.tf").write_text(_EXTRA)
    (folder / "values.auto.tfvars.json").write_text(json.dumps(_VALUES))
    terraform = str(locate.terraform())
    for words in (("init", "-input=false"), ("plan", "-input=false", "-out=unit.plan")):
        _run(folder, terraform, *words)
    (folder / "unit.json").write_text(_run(folder, terraform, "show", "-json", "unit.plan"))
    return folder


def _run(folder: Path, *words: str) -> str:
    finished = subprocess.run(
        list(words),
        cwd=folder,
        env={**os.environ, **base_environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_its_faults_are_found(units: Mapping[str, Unit], folder: Path) -> None:
    """A typo in the filter, a rule that shadows the other, and a secret that Terraform prints in clear."""
    results = by_id(engine.run(units, plan_file.read_all(str(folder / "unit.json"))))
    assert ids_of(results.values()) == {
        "plan.xray.group.effect",
        "plan.xray.rule.shadowed",
        "plan.secrets",
    }
    assert SECRET in (folder / "unit.json").read_text()
    assert (
        "variables.handed_over (a sensitive value in clear, elsewhere too)" in results["plan.secrets"].actual
    )
    assert SECRET not in repr(results)


def test_the_plan_itself_is_not_its_json(folder: Path) -> None:
    """Terraform's own file is refused with what to print of it."""
    with pytest.raises(OperatorError, match="is the plan itself, not its JSON: give PLAN what"):
        plan_file.read_all(str(folder / "unit.plan"))
