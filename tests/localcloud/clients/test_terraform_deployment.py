"""A whole deployment by plain Terraform: made, planned, changed, failed, destroyed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.commands import base_environment
from tools import versions

if TYPE_CHECKING:
    from tests.localcloud.clients.cloud import RunningCloud

FILES = Path(__file__).parent / "data" / "deployment"
NAME = "deployment"
REPOSITORY = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}
PUBLIC = "public.ecr.aws/docker/library/python:3.11"
TIMEOUT_SECONDS = 400
"""The provider alone waits a minute for a load balancer."""


_DONE = re.compile(r"^(\w+)\.[^:]+: (Creation|Modifications|Destruction) complete", re.MULTILINE)


class Deployment:
    """A folder with the deployment's Terraform in it, and clients that see what there is of it."""

    def __init__(self, folder: Path, cloud: RunningCloud) -> None:
        self._folder = shutil.copytree(FILES, folder)
        self._environment = base_environment() | {"AWS_ENDPOINT_URL": cloud.aws_url}
        self._cloud = cloud
        self._terraform("init")

    def apply(self, image: str, *variables: str) -> set[tuple[str, str]]:
        """Apply, and return what was done to each resource, by its type."""
        arguments = [f"-var={one}" for one in (f"image={image}", *variables)]
        done = self._terraform("apply", "-auto-approve", *arguments)
        changes = _DONE.findall(done)
        # Nothing is left to do, whatever it was.
        self._terraform("plan", "-detailed-exitcode", *arguments)
        return set(changes)

    def try_apply(self, image: str) -> None:
        """Apply what doesn't hold; Terraform itself takes a rolled back deployment for a steady one."""
        self._terraform("apply", "-auto-approve", f"-var=image={image}")

    def destroy(self) -> None:
        """Destroy everything."""
        self._terraform("destroy", "-auto-approve", f"-var=image={PUBLIC}")

    @property
    def service(self) -> Any:
        """The service as DescribeServices has it."""
        ecs = self._cloud.client("ecs")
        (found,) = ecs.describe_services(cluster=NAME, services=[NAME])["services"]
        return found

    @property
    def image(self) -> str:
        """The image that the service's task definition has."""
        arn = self.service["taskDefinition"]
        found = self._cloud.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
        image: str = found["containerDefinitions"][0]["image"]
        return image

    def push(self, tag: str) -> str:
        """Put an image and return its reference."""
        manifest = json.dumps({**MANIFEST, "annotations": {"tag": tag}})
        ecr = self._cloud.client("ecr")
        ecr.put_image(repositoryName=NAME, imageManifest=manifest, imageTag=tag)
        return f"{REPOSITORY}:{tag}"

    def left(self) -> dict[str, list[Any]]:
        """Return what is still there, by kind; nothing but what every account has is left out."""
        client = self._cloud.client
        alarms = client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        vpcs = client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])
        scaling = client("application-autoscaling")
        found = {
            "alarms": [*alarms["MetricAlarms"], *alarms["CompositeAlarms"]],
            "balancers": client("elbv2").describe_load_balancers()["LoadBalancers"],
            "clusters": client("ecs").list_clusters()["clusterArns"],
            "groups": client("logs").describe_log_groups()["logGroups"],
            "repositories": client("ecr").describe_repositories()["repositories"],
            "roles": client("iam").list_roles()["Roles"],
            "targets": scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"],
            "task definitions": client("ecs").list_task_definitions()["taskDefinitionArns"],
            "topics": client("sns").list_topics()["Topics"],
            "vpcs": vpcs["Vpcs"],
        }
        return {kind: things for kind, things in found.items() if things}

    def _terraform(self, command: str, *arguments: str) -> str:
        """Run Terraform, which must end with 0: of a plan, that nothing is to be changed."""
        done = subprocess.run(
            ["terraform", command, "-input=false", "-no-color", *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def test_the_provider_is_the_pinned_one() -> None:
    """The deployment's files name the provider that the tool chain has."""
    assert f'version = "{versions.AWS_PROVIDER}"' in (FILES / "versions.tf").read_text()


@pytest.mark.timeout(900)
def test_a_deployment_from_its_beginning_to_its_end(cloud: RunningCloud, tmp_path: Path) -> None:
    """A load balancer, a service, its scaling and alarms are made and don't drift.

    Another image changes the task definition and the service alone; one that doesn't exist is rolled back,
    the old one serves on, and the next apply puts it right. After destroy nothing is there.
    """
    deployment = Deployment(tmp_path / NAME, cloud)
    made = deployment.apply(PUBLIC)
    assert {kind for kind, what in made if what == "Creation"} > {"aws_ecs_service", "aws_lb"}
    assert deployment.service["runningCount"] == 2

    image = deployment.push("v1")
    changed = deployment.apply(image)
    assert changed == {
        ("aws_ecs_task_definition", "Destruction"),
        ("aws_ecs_task_definition", "Creation"),
        ("aws_ecs_service", "Modifications"),
    }
    assert deployment.image == image

    deployment.try_apply(f"{REPOSITORY}:missing")
    service = deployment.service
    assert (deployment.image, service["runningCount"]) == (image, 2)
    assert any("CannotPullContainerError" in event["message"] for event in service["events"])
    deployment.push("missing")
    assert ("aws_ecs_service", "Modifications") in deployment.apply(
        f"{REPOSITORY}:missing", "insights=disabled", "requests_target=900"
    )
    assert deployment.image == f"{REPOSITORY}:missing"

    deployment.destroy()
    assert deployment.left() == {}
