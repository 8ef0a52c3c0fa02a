"""What stands in the files themselves: format, pinned provider, described variables."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.terraform.commands import APP, REPOSITORY, STACKS, Tree, base_environment, run

if TYPE_CHECKING:
    from pathlib import Path


def test_files_are_formatted() -> None:
    """terraform fmt and terragrunt hcl fmt have nothing to change."""
    environment = base_environment()
    assert run(["terraform", "fmt", "-check", "-recursive", "-diff"], APP, environment).output == ""
    for folder, more in ((APP, []), (REPOSITORY, ["--file", "terragrunt.hcl"])):
        done = run(["terragrunt", "hcl", "fmt", "--check", *more], folder, environment)
        assert done.code == 0, done.text


def test_stacks_have_one_lock_for_every_platform() -> None:
    """All fourteen platforms' hashes (h1) and archive sums (zh, one more for the manifest) are locked."""
    locks = {(APP / "stacks" / stack / ".terraform.lock.hcl").read_text() for stack in STACKS}
    assert len(locks) == 1
    lock = locks.pop()
    assert lock.count("provider ") == 1
    assert 'version     = "5.100.0"' in lock
    assert len(set(re.findall(r'"h1:[A-Za-z0-9+/]{43}="', lock))) == 14
    assert len(set(re.findall(r'"zh:[0-9a-f]{64}"', lock))) == 15


def test_lock_fits_the_provider_and_stays_as_it_is(tmp_path: Path) -> None:
    """Terraform installs the provider by the committed lock, and has nothing to add to it."""
    stack = tmp_path / "xray"
    shutil.copytree(APP / "stacks" / "xray", stack, ignore=shutil.ignore_patterns(".terraform"))
    done = run(
        ["terraform", "init", "-backend=false", "-lockfile=readonly", "-no-color"], stack, base_environment()
    )
    assert done.code == 0, done.text
    assert "Warning" not in done.text


def test_stacks_leave_the_pin_to_units_and_locks() -> None:
    """Modules take a range of providers and need a Terraform that has write-only arguments."""
    texts = {(APP / "stacks" / stack / "versions.tf").read_text() for stack in STACKS}
    assert len(texts) == 1
    text = texts.pop()
    assert 'version = ">= 5.100, < 7"' in text
    assert 'required_version = ">= 1.11"' in text


@pytest.mark.parametrize("stack", STACKS)
def test_variables_and_outputs_are_described_and_listed(stack: str) -> None:
    """Each variable has description and type, each output a description; the README names them all."""
    readme = (APP / "stacks" / stack / "README.md").read_text()
    text = "\n".join(file.read_text() for file in sorted((APP / "stacks" / stack).glob("*.tf")))
    blocks = re.findall(r'^(variable|output) "([a-z_]+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    assert blocks
    for kind, name, body in blocks:
        assert re.search(r'^  description = "[^"]', body, re.MULTILINE), name
        assert kind == "output" or re.search(r"^  type +=", body, re.MULTILINE), name
        assert f"| `{name}` |" in readme, name


def test_no_run_warns_of_deprecated_things(tmp_path: Path) -> None:
    """Rendering says nothing on stderr; the root is included by an explicit path."""
    tree = Tree.copy(tmp_path)
    for stack in STACKS:
        done = tree.terragrunt(f"local/{stack}", "render", "--json")
        assert done.code == 0, done.text
        assert " deprecated" not in done.errors.lower()
        # what depends on units that aren't applied says that it takes their mocks
        assert done.errors == "" or stack in {"service", "alarms"}, done.errors
        assert json.loads(done.output)["inputs"]
    for file in APP.glob("config/*/*/terragrunt.hcl"):
        assert not {"find_in_parent_folders", "get_repo_root"} & set(re.findall(r"\w+", file.read_text()))


def test_root_and_stack_know_the_same_retention_days() -> None:
    """The root configuration refuses before a run what the stack would refuse in it, and nothing else."""
    lists = [
        re.search(r"\[((?:\d+(?:, )?){20,})\]", file.read_text())
        for file in (REPOSITORY / "terragrunt.hcl", APP / "stacks" / "logs" / "variables.tf")
    ]
    days = [found[1] if found else "none" for found in lists]
    assert days[0] == days[1]
    assert days[0].startswith("1, 3, 5, 7, 14, 30")
