"""Stack service: good inputs, and the plans of many of them at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.terraform.local_aws import LocalAws

NAME = "cruddur-dev-backend-flask"
PATH = "/cruddur/dev/backend-flask"
PARAMETER = f"{PATH}/deploy/image"
REPOSITORY = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
GOOD: dict[str, Any] = {
    "name": NAME,
    "cluster_name": "cruddur-dev",
    "account_id": "123456789012",
    "parameter_path": PATH,
    "execution_role_name": f"{NAME}-execution",
    "task_role_name": f"{NAME}-task",
    "log_group_name": PATH,
    "vpc_id": "vpc-00000000",
    "public_subnet_ids": ["subnet-00000001", "subnet-00000002"],
    "private_subnet_ids": ["subnet-00000003", "subnet-00000004"],
    "repository_url": REPOSITORY,
    "image_parameter_name": PARAMETER,
    "collector_image": "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3",
    "tracing_mode": "collector",
    "honeycomb_endpoint": "https://api.honeycomb.io",
    "honeycomb_dataset": NAME,
    "honeycomb_key_version": 1,
    "cpu": 512,
    "memory": 1024,
    "workers": 2,
    "tasks_min": 2,
    "tasks_max": 10,
    "requests_target": 1000,
    "ingress_cidrs": ["0.0.0.0/0"],
    "domain_name": "api.cruddur.test",
}


def write_image(aws: LocalAws, image: str) -> None:
    """Let the parameter hold *image*, as `make deploy` does."""
    aws.client("ssm").put_parameter(Name=PARAMETER, Value=image, Type="String", Overwrite=True)


def push(aws: LocalAws, tag: str) -> str:
    """Put an image with *tag*, two hex digits, into the repository and return its reference."""
    configuration = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": configuration | {"digest": "sha256:" + tag * 32},
        "layers": [],
    }
    aws.client("ecr").put_image(repositoryName=NAME, imageManifest=json.dumps(manifest), imageTag=tag)
    return f"{REPOSITORY}:{tag}"


def containers(resources: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the task definition's containers, of planned *resources*, by name."""
    [task] = [one["values"] for one in resources if one["type"] == "aws_ecs_task_definition"]
    return {one["name"]: one for one in json.loads(task["container_definitions"])}


def variables(container: dict[str, Any]) -> dict[str, str]:
    """Return a container's variables, secrets left out."""
    return {one["name"]: one["value"] for one in container["environment"]}
