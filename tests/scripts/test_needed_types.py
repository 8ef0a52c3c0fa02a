"""Which types a run can ask the provider for: those of the stacks, and of what earlier ones left."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scripts import paths
from scripts.aws import clients
from scripts.terragrunt import needed_types
from scripts.terragrunt.needed_types import configuration, needed
from tests.scripts.rendered import units_on

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.environment import Environment
    from scripts.localcloud_process import LocalCloud
    from scripts.terragrunt.render import Unit

GROUP = 'resource "aws_xray_group" "this" {}\n'


@pytest.fixture(scope="module")
def xray(cloud: tuple[Path, LocalCloud]) -> Unit:
    """Unit xray as Terragrunt renders it."""
    return units_on(cloud[1])["xray"]


def test_the_stacks_types_and_the_states(local: Environment, xray: Unit) -> None:
    """A type that no stack has any more is still needed where a state holds it."""
    unit = replace(xray, bucket="needed-types")
    plain = needed(local, [unit])
    assert plain is not None
    assert plain >= {"aws_xray_group", "aws_xray_sampling_rule", "aws_lb", "aws_iam_policy_document"}
    assert "aws_sqs_queue" not in plain
    s3 = clients(unit.state_region).s3()
    s3.create_bucket(Bucket=unit.bucket)
    assert needed(local, [unit]) == plain
    held = {"resources": [{"mode": "managed", "type": "aws_sqs_queue", "name": "former"}]}
    s3.put_object(Bucket=unit.bucket, Key=unit.state_key, Body=json.dumps(held).encode())
    assert needed(local, [unit]) == plain | {"aws_sqs_queue"}


def test_a_state_that_cannot_be_read_leaves_it_open(
    local: Environment, xray: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then all types are given: Terraform tells what is wrong with the state."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    clients.cache_clear()
    assert needed(local, [xray]) is None
    clients.cache_clear()


@pytest.mark.parametrize(
    "source",
    [
        *("tfr:///someone/module/aws?version=1.0.0", "tfr:///someone/module/aws", "github.com/someone/stack"),
        *("git::https://example.test/m.git", "https://example.test/m.zip", "../../../../../else"),
    ],
)
def test_a_stack_that_stands_elsewhere_leaves_it_open(local: Environment, xray: Unit, source: str) -> None:
    """What it needs is not known here."""
    assert needed(local, [replace(xray, source=source)]) is None


@pytest.mark.parametrize(
    ("module", "is_known"),
    [
        ('module "a" {\n  source = "./modules/a"\n}\n', True),
        ('module "a" {\n  count  = 1\n  source = "../a"\n}\n', True),
        ('module "a" {\n  source = "../../a"\n}\n', False),
        ('module "a" {\n  count = 1\n  source = "someone/a/aws"\n}\n', False),
        ('module "a" { source = "git::https://example.test/a.git" }\n', False),
        ('module "a" {\n  providers = { aws = aws.b }\n  source = "someone/a/aws"\n}\n', False),
        ('module "a" {\n  source = "github.com/someone/a"\n}\n', False),
        ('terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n', True),
    ],
)
def test_a_module_from_elsewhere_leaves_it_open(tmp_path: Path, module: str, is_known: bool) -> None:
    """A local one is among the files; a provider's source is no module's."""
    stack = tmp_path / "stack"
    stack.mkdir()
    (stack / "main.tf").write_text(GROUP + module)
    assert (configuration(tmp_path) is not None) == is_known


def test_a_module_of_a_json_file_too(tmp_path: Path) -> None:
    """It has a colon where the other form has an equals sign."""
    (tmp_path / "main.tf.json").write_text(json.dumps({"module": {"a": {"source": "someone/a/aws"}}}))
    assert configuration(tmp_path) is None


def test_what_a_run_or_an_editor_has_left_is_no_configuration(tmp_path: Path) -> None:
    """Terragrunt's copies and Terraform's modules are made from what is read anyway; JSON is read too."""
    (tmp_path / "main.tf.json").write_text("{}")
    (tmp_path / ".#main.tf").symlink_to("somebody@somewhere")
    for made in (".terragrunt-cache", ".terraform"):
        (tmp_path / made).mkdir()
        (tmp_path / made / "main.tf").write_text(GROUP)
    assert configuration(tmp_path) == [b"{}"]


def test_a_file_that_cannot_be_read_leaves_it_open(
    local: Environment, xray: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terraform says so too, and better."""
    (tmp_path / "main.tf").symlink_to("nowhere")
    (tmp_path / xray.name).mkdir()
    monkeypatch.setattr(needed_types, "FOLDER", tmp_path)
    at_home = replace(xray, source=str(tmp_path / xray.name))
    assert needed(local, [at_home]) is None


def test_what_terragrunt_generates_counts_too(tmp_path: Path) -> None:
    """Its files may name types in what they write for Terraform."""
    (tmp_path / "terragrunt.hcl").write_text('generate "a" { contents = "data \\"aws_region\\" \\"b\\" {}" }')
    [text] = configuration(tmp_path) or []
    assert b"aws_region" in text


def test_the_project_takes_no_module_from_elsewhere() -> None:
    """Else no schema would ever be cut, and nobody would see."""
    assert paths.ROOT / "terraform" == needed_types.FOLDER
    assert configuration(needed_types.FOLDER)
