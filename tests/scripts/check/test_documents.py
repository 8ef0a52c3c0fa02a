"""The page of the command against the checks that it makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.check import engine
from scripts.paths import ROOT
from tests.scripts.check.subjects import document, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scripts.terragrunt.render import Unit


def test_the_hook_before_a_commit_is_the_command() -> None:
    """It runs make's own target, and on every file that decides what is rendered or looked at."""
    hook = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"entry: (.*)", hook) == ["make check"]
    [files] = re.findall(r"files: (.*)", hook)
    for path in ("terragrunt.hcl", "terraform/backend-app/config/dev/env.hcl", "scripts/routes.json"):
        assert (ROOT / path).exists()
        assert re.search(files, path)
    assert not re.search(files, "README.md")


def test_every_check_is_documented(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """Each id has a row, and each row's check is made; those of a plan have `plan.` before."""
    page = (ROOT / "docs" / "commands" / "check.md").read_text()
    documented = set(re.findall(r"^\| `([a-z]+(?:\.[a-z.]+)?)` \|", page, re.MULTILINE))
    made = {result.id for result in engine.run(units)}
    planned = {result.id for result in engine.run(units, read(tmp_path, document("xray-create")))}
    assert documented == made | {"plan.secrets", "plan.destroy"}
    assert planned - made == {f"plan.{name}" for name in [*(made - {"cost"}), "secrets", "destroy"]}
