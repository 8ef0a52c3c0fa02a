"""Unit registry: what it asks for, its life at an AWS, and the parameter that deploys write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform import modules
from tests.terraform.test_units import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terraform.cloud import Cloud
    from tests.terraform.commands import Finished, Tree

UNIT = "local/registry"
NAME = "cruddur-local-backend-flask"
PARAMETER = "/cruddur/local/backend-flask/deploy/image"
IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{NAME}:0123456789abcdef"
LOCAL = "terraform/backend-app/config/local/env.hcl"
GOOD: dict[str, Any] = {"name": "a" * 256, "parameter_path": "/a/b"}
CASES: list[tuple[dict[str, Any], str]] = [
    ({"name": "Upper"}, 'name "Upper" must have 2 to 256 lower-case letters and digits'),
    ({"name": "a"}, "must have 2 to 256"),
    ({"name": "a" * 257}, "must have 2 to 256"),
    ({"name": "-a"}, "with ._-/ only between them"),
    ({"name": "a//b"}, "with ._-/ only between them"),
    ({"parameter_path": "a/b"}, "parameter_path must start with /"),
    ({"parameter_path": "/ssm/b"}, "SSM reserves them"),
    ({"images_kept": 9}, "images_kept is 9, expected a whole number from 10"),
    ({"images_kept": 20.5}, "images_kept is 20.5, expected a whole number"),
    ({"images_kept": 10001}, "to 10000"),
    ({"untagged_days": 0}, "untagged_days is 0, expected a whole number from 1 to 365"),
    ({"kms_key_id": "alias/mine"}, "kms_key_id must be a key's ARN"),
]


@pytest.fixture
def at_cloud(tree: Tree, cloud: Cloud, shared_provider: dict[str, str]) -> Tree:
    """The tree, at an empty AWS."""
    cloud.reset()
    return tree.with_variables(**shared_provider, AWS_ENDPOINT_URL=cloud.endpoint)


def apply(tree: Tree) -> Finished:
    """Apply the unit, which has to succeed."""
    done = tree.terragrunt(UNIT, "run", "--backend-bootstrap", "--", "apply", "-auto-approve")
    assert done.code == 0, done.text
    return done


def image_parameter(cloud: Cloud) -> dict[str, Any]:
    """Return the parameter as SSM has it."""
    found: dict[str, Any] = cloud.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]
    return found


def push(cloud: Cloud) -> None:
    """Put an image into the repository."""
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": "sha256:1"}
    manifest = {"schemaVersion": 2, "config": config, "layers": []}
    manifest["mediaType"] = "application/vnd.docker.distribution.manifest.v2+json"
    cloud.client("ecr").put_image(
        repositoryName=NAME, imageManifest=json.dumps(manifest), imageTag="0123456789abcdef"
    )


def test_unit_asks_for_its_environments_repository_and_parameter(tree: Tree) -> None:
    """Name and path are the environment's own, the rest its settings."""
    tree.set("dev", ACCOUNT + "  registry_images_kept = 15\n")
    assert tree.render("dev/registry")["inputs"] == {
        "name": "cruddur-dev-backend-flask",
        "parameter_path": "/cruddur/dev/backend-flask",
        "images_kept": 15,
        "force_delete": False,
    }
    assert tree.render(UNIT)["inputs"]["force_delete"] is True


def test_repository_is_made_stays_as_it_is_and_goes(at_cloud: Tree, cloud: Cloud) -> None:
    """Tags can't be moved, pushes are scanned, old images go; applied and destroyed whole."""
    apply(at_cloud)
    ecr = cloud.client("ecr")
    [repository] = ecr.describe_repositories()["repositories"]
    assert repository["repositoryName"] == NAME
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfiguration"]["encryptionType"] == "AES256"
    rules = json.loads(ecr.get_lifecycle_policy(repositoryName=NAME)["lifecyclePolicyText"])["rules"]
    assert [rule["selection"] for rule in rules] == [
        {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7},
        {
            "tagStatus": "tagged",
            "tagPatternList": ["*"],
            "countType": "imageCountMoreThan",
            "countNumber": 30,
        },
    ]
    assert at_cloud.terragrunt(UNIT, "plan", "-detailed-exitcode").code == 0
    outputs = json.loads(at_cloud.terragrunt(UNIT, "output", "-json").output)
    assert {name: one["value"] for name, one in outputs.items()} == {
        "repository_url": repository["repositoryUri"],
        "repository_arn": repository["repositoryArn"],
        "image_parameter_name": PARAMETER,
    }
    push(cloud)
    assert at_cloud.terragrunt(UNIT, "destroy", "-auto-approve").code == 0
    assert ecr.describe_repositories()["repositories"] == []
    assert cloud.client("ssm").describe_parameters()["Parameters"] == []


def test_what_a_deploy_writes_is_no_change(at_cloud: Tree, cloud: Cloud) -> None:
    """The parameter begins with `none`; whatever was written since stays, in plan and apply."""
    apply(at_cloud)
    assert (image_parameter(cloud)["Type"], image_parameter(cloud)["Value"]) == ("String", "none")
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name=PARAMETER, Value=IMAGE, Overwrite=True)
    assert at_cloud.terragrunt(UNIT, "plan", "-detailed-exitcode").code == 0
    ssm.put_parameter(Name=PARAMETER, Value=IMAGE, Description="another", Overwrite=True)
    assert at_cloud.terragrunt(UNIT, "plan", "-detailed-exitcode").code == 0
    at_cloud.edit(LOCAL, "locals {\n", "locals {\n  registry_images_kept = 12\n")
    done = apply(at_cloud)
    assert (
        "Resources: 1 added, 0 changed, 1 destroyed" in done.text
    )  # the lifecycle policy, which AWS puts whole
    assert image_parameter(cloud)["Value"] == IMAGE


def test_images_hold_a_destroy_back_and_the_parameter_with_them(at_cloud: Tree, cloud: Cloud) -> None:
    """Without `registry_force_delete` ECR refuses; what is deployed is still known then."""
    at_cloud.edit(LOCAL, "registry_force_delete = true", "registry_force_delete = false")
    apply(at_cloud)
    push(cloud)
    done = at_cloud.terragrunt(UNIT, "destroy", "-auto-approve")
    assert done.code != 0
    assert "not empty" in done.text
    assert image_parameter(cloud)["Value"] == "none"
    apply(at_cloud)
    assert at_cloud.terragrunt(UNIT, "plan", "-detailed-exitcode").code == 0


@pytest.fixture(scope="module")
def refusals(
    tmp_path_factory: pytest.TempPathFactory, shared_provider: dict[str, str]
) -> dict[str, list[str]]:
    """Return the errors of a plan of all cases at once, by case."""
    cases = {f"case_{number}": GOOD | values for number, (values, _) in enumerate(CASES)}
    done = modules.plan(tmp_path_factory.mktemp("cases"), "registry", cases, shared_provider)
    assert done.code == 1
    return modules.told(done)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_value_beyond_a_limit_is_refused_at_plan(number: int, refusals: dict[str, list[str]]) -> None:
    """One message names the limit."""
    [message] = refusals[f"case_{number}"]
    assert CASES[number][1] in message


def test_values_at_the_limits_are_planned(tmp_path: Path, shared_provider: dict[str, str]) -> None:
    """Names of 2 and 256 characters, the widest numbers, and a KMS key of one's own."""
    key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    cases = {
        "widest": GOOD | {"images_kept": 10000, "untagged_days": 365, "kms_key_id": key},
        "least": {"name": "a1", "parameter_path": "/a", "images_kept": 10, "untagged_days": 1},
        "signs": {"name": "a.b_c__d-e--f/g1", "parameter_path": "/a"},
    }
    done = modules.plan(tmp_path, "registry", cases, shared_provider)
    assert done.code == 0, done.text
    found = modules.planned(tmp_path, shared_provider)
    [encryption] = [
        one["values"]["encryption_configuration"]
        for one in found["widest"]
        if one["type"] == "aws_ecr_repository"
    ]
    assert encryption == [{"encryption_type": "KMS", "kms_key": key}]
    assert {len(resources) for resources in found.values()} == {3}
