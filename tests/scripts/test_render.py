"""Which units are rendered, by the real Terragrunt on a copy of the tree."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from scripts import paths
from scripts.environment import Environment
from scripts.errors import OperatorError
from scripts.terragrunt import units
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = "inputs = {\n"


@dataclass(frozen=True)
class Copied(Environment):
    """An environment in a copy of the tree."""

    root: Path = paths.ROOT

    @property
    def folder(self) -> Path:
        """The folder of its units."""
        return self.root / "terraform" / "backend-app" / "config" / self.name


@pytest.fixture
def copied(tmp_path: Path) -> Copied:
    """A copy, with addresses that nothing is asked at."""
    shutil.copytree(
        paths.ROOT / "terraform", tmp_path / "terraform", ignore=shutil.ignore_patterns(".terra*")
    )
    shutil.copy(paths.ROOT / "terragrunt.hcl", tmp_path)
    addresses = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "us-east-1",
        "HONEYCOMB_API_ENDPOINT": "http://127.0.0.1:9",
    }
    return Copied("local", {**os.environ, **addresses}, tmp_path)


def test_a_unit_that_nobody_asked_for_may_be_broken(copied: Copied) -> None:
    """Most units are rendered together; one that can't be, and isn't wanted, keeps no other back."""
    tracing = units.selected(copied, "")
    whole = render(copied, tracing)
    assert list(whole) == tracing
    assert len(tracing) < len(units.available(copied))
    (copied.folder / "access" / "terragrunt.hcl").write_text(BROKEN)
    assert render(copied, tracing) == whole
    (copied.folder / "access" / "terragrunt.hcl").write_text("inputs = {}\n")
    assert render(copied, tracing) == whole


@pytest.mark.parametrize("text", [BROKEN, "inputs = {}\n"])
def test_a_unit_that_is_wanted_and_broken_is_told(copied: Copied, text: str) -> None:
    """Broken, or without the root: the reason is that unit's."""
    (copied.folder / "logs" / "terragrunt.hcl").write_text(text)
    with pytest.raises(OperatorError):
        render(copied, units.selected(copied, ""))
    assert list(render(copied, ["xray", "honeycomb"])) == ["xray", "honeycomb"]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_names_its_keys(copied: Copied, environment: str) -> None:
    """As committed, with account and region filled in: verify knows whose key it has to be."""
    named = Copied(environment, {**os.environ, "AWS_REGION": "eu-west-1"}, copied.root)
    file = named.folder / "env.hcl"
    filled = file.read_text().replace('= "" # the twelve', '= "123456789012" # the twelve')
    file.write_text(filled.replace('= "" # for example', '= "eu-west-1" # for example'))
    assert render(named, ["xray"])["xray"].target.settings["honeycomb_environment"] == environment


def test_what_the_environment_is_told_by(copied: Copied) -> None:
    """Service name and settings are those of the root, defaults included."""
    target = render(copied, ["xray"])["xray"].target
    assert target.service_name == "cruddur-local-backend-flask"
    assert target.settings["honeycomb_environment"] == "local"
    assert target.settings["resource_policies"] == []


def test_the_file_that_has_what_is_wrong_is_named(copied: Copied) -> None:
    """Adopted settings have a file of their own; where both files are wrong, both are named."""
    (copied.folder / "adopted.hcl").write_text("locals {\n  logs_retention_days = 31\n}\n")
    with pytest.raises(OperatorError, match=r"^\S+local/adopted\.hcl: logs_retention_days is 31, ") as raised:
        render(copied, ["xray"])
    assert raised.value.remedy.endswith("config/local/adopted.hcl")
    assert "env.hcl" not in str(raised.value)
    settings = copied.folder / "env.hcl"
    settings.write_text(settings.read_text().replace("max_retries ", "max_tries "))
    with pytest.raises(
        OperatorError, match=r"env\.hcl: there is no setting max_tries.*; \S+adopted\.hcl: logs"
    ):
        render(copied, ["xray"])
