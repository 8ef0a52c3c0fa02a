"""The key's life, played through with Terragrunt against SSM: it gets there, and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.terraform.cloud import Cloud
    from tests.terraform.commands import Finished, Tree

FIRST, SECOND = "hcaik_" + "a1" * 29, "hcaik_" + "b2" * 29
NAME = "/cruddur/local/backend-flask/honeycomb/api-key"
UNIT = "local/honeycomb-key"


@dataclass
class Key:
    """The unit, and all it has said so far."""

    cloud: Cloud
    tree: Tree
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str, key: str | None = None) -> Finished:
        """Run Terragrunt in the unit, with *key* in the environment where one is given."""
        done = self.tree.with_variables(TF_VAR_honeycomb_api_key=key).terragrunt(UNIT, *arguments)
        self.said.append(done.output + done.errors)
        return done

    def apply(self, key: str | None = None) -> Finished:
        """Apply the unit."""
        return self.run("run", "--backend-bootstrap", "--", "apply", "-auto-approve", key=key)

    def set_version(self, number: int) -> None:
        """Write the key's version into the unit, as a rotation does."""
        file = self.tree.config / UNIT / "terragrunt.hcl"
        text, count = re.subn(r"(key_version +=) \d+", rf"\1 {number}", file.read_text())
        assert count == 1
        file.write_text(text)

    def stored(self) -> tuple[str, str, int]:
        """Return type, value and version that SSM has."""
        found = self.cloud.client("ssm").get_parameter(Name=NAME, WithDecryption=True)["Parameter"]
        return found["Type"], found["Value"], found["Version"]

    def leaks(self) -> list[str]:
        """Return every place, outside SSM, where either key can be read."""
        keys = [FIRST.encode(), SECOND.encode()]
        s3 = self.cloud.client("s3")
        places = [f"output {n}" for n, text in enumerate(self.said) if FIRST in text or SECOND in text]
        files = [file for file in self.tree.root.rglob("*") if file.is_file() and not file.is_symlink()]
        places += [str(file) for file in files if any(key in file.read_bytes() for key in keys)]
        for bucket in s3.list_buckets()["Buckets"]:
            versions = s3.list_object_versions(Bucket=bucket["Name"]).get("Versions", [])
            assert versions
            for version in versions:
                place = {"Bucket": bucket["Name"], "Key": version["Key"], "VersionId": version["VersionId"]}
                content = s3.get_object(**place)["Body"].read()
                if any(key in content for key in keys):
                    places.append(f"s3 {place}")
        return places


@pytest.fixture
def key(tree: Tree, cloud: Cloud, shared_provider: dict[str, str]) -> Key:
    """Return the key's unit, with an empty SSM."""
    cloud.reset()
    unit = Key(cloud, tree.with_variables(**shared_provider, AWS_ENDPOINT_URL=cloud.endpoint))
    unit.set_version(1)
    return unit


def test_key_is_written_once_for_each_version_and_left_nowhere_else(key: Key) -> None:
    """Only a run that writes needs the key, and without it writes nothing."""
    refused = key.apply()
    assert refused.code != 0
    assert "this write needs the key: set HONEYCOMB_API_KEY" in refused.text
    assert key.apply(FIRST).code == 0
    assert key.stored() == ("SecureString", FIRST, 1)
    idle = key.apply()
    assert (idle.code, "0 added, 0 changed, 0 destroyed" in idle.text) == (0, True)
    key.set_version(2)
    assert key.apply().code != 0
    assert key.stored() == ("SecureString", FIRST, 1)
    assert key.apply(SECOND).code == 0
    assert key.stored() == ("SecureString", SECOND, 2)
    assert key.run("destroy", "-auto-approve").code == 0
    assert key.leaks() == []


def test_write_that_failed_shows_in_the_next_plan(key: Key) -> None:
    """Terraform believes the new version written; the description that SSM still has tells otherwise."""
    assert key.apply(FIRST).code == 0
    key.set_version(2)
    key.cloud.refused = {"PutParameter"}
    assert key.apply(SECOND).code != 0
    key.cloud.refused = set()
    planned = key.run("plan", "-detailed-exitcode")
    assert planned.code == 2
    assert '"Honeycomb API key, version 1" -> "Honeycomb API key, version 2"' in planned.text
    key.set_version(3)
    assert key.apply(SECOND).code == 0
    assert key.stored() == ("SecureString", SECOND, 2)
    assert key.leaks() == []


def test_first_write_cut_short_is_not_read_but_written_again(key: Key) -> None:
    """Where the provider would copy the key into state and plan, only an apply with the key goes on."""
    key.cloud.refused = {"GetParameter"}
    assert key.apply(FIRST).code != 0
    key.cloud.refused = set()
    for refused in (key.run("plan", "-out=saved.tfplan"), key.apply()):
        assert refused.code != 0
        assert "Reading it now would store it readable in state and plan" in refused.text
    assert key.apply(SECOND).code == 0
    assert key.stored() == ("SecureString", SECOND, 2)
    assert key.leaks() == []


def test_import_is_refused_and_not_needed(key: Key) -> None:
    """A parameter that exists is taken over by apply; importing would copy it into the state."""
    key.cloud.client("ssm").put_parameter(Name=NAME, Type="SecureString", Value=FIRST)
    refused = key.run("run", "--backend-bootstrap", "--", "import", "aws_ssm_parameter.this", NAME)
    assert refused.code != 0
    assert "import would store the key readable in the state" in refused.text
    assert key.apply(SECOND).code == 0
    assert key.stored() == ("SecureString", SECOND, 2)
    assert key.leaks() == []


def test_customer_kms_key_stays_through_rotations(key: Key) -> None:
    """Every write names the KMS key: SSM would take its own for a write that does not."""
    arn = key.cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    env = key.tree.config / "local" / "env.hcl"
    env.write_text(env.read_text().replace("locals {", f'locals {{\n  honeycomb_kms_key_id = "{arn}"', 1))
    sent = []
    for version in (1, 2):
        key.set_version(version)
        assert key.apply(FIRST).code == 0
        found = key.cloud.client("ssm").describe_parameters()["Parameters"][0]
        sent.append((found["Version"], found["KeyId"]))
    assert sent == [(1, arn), (2, arn.rpartition("/")[2])]
    assert key.leaks() == []
