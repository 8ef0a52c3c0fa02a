"""Clusters, images and services of ECS for tests."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.localcloud.aws.people import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localcloud.aws.conftest import Endpoint

REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}
TRUST = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
FARGATE: dict[str, Any] = {
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
}
WAIT_SECONDS = 150
"""More than twice what a service takes between two tries once ten have failed."""


@dataclass
class Stage:
    """A cluster, a repository and an execution role of one name, and what is deployed there."""

    endpoint: Endpoint
    name: str
    keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ecs = self.endpoint.client("ecs", **self.keys)
        self.ecr = self.endpoint.client("ecr", **self.keys)
        self.repository = f"{REGISTRY}/{self.name}"
        self.role = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"

    def build(self) -> Stage:
        """Make the cluster, the role, and the repository, whose tags are immutable."""
        self.ecs.create_cluster(clusterName=self.name)
        self.make_role()
        self.ecr.create_repository(repositoryName=self.name, imageTagMutability="IMMUTABLE")
        return self

    def make_role(self) -> None:
        """Make the role by which ECS starts the tasks."""
        trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        self.endpoint.client("iam", **self.keys).create_role(
            RoleName=self.name, AssumeRolePolicyDocument=trust
        )

    def push(self, tag: str) -> str:
        """Put an image under a tag; return its digest."""
        manifest = json.dumps({**MANIFEST, "annotations": {"tag": tag}})
        pushed = self.ecr.put_image(repositoryName=self.name, imageManifest=manifest, imageTag=tag)
        digest: str = pushed["image"]["imageId"]["imageDigest"]
        return digest

    def register(self, image: str, **container: Any) -> str:
        """Register a task definition with one container of an image; return its ARN."""
        made = self.ecs.register_task_definition(
            family=self.name,
            **FARGATE,
            executionRoleArn=self.role,
            containerDefinitions=[{"name": "backend", "image": image, **container}],
        )
        arn: str = made["taskDefinition"]["taskDefinitionArn"]
        return arn

    def create(self, task_definition: str, **arguments: Any) -> Any:
        """Create the service, in the default network, with a circuit breaker that rolls back."""
        defaults: dict[str, Any] = {"desiredCount": 2, "deploymentConfiguration": BREAKER}
        defaults |= {"launchType": "FARGATE", "networkConfiguration": self.network}
        return self.ecs.create_service(
            cluster=self.name,
            serviceName=self.name,
            taskDefinition=task_definition,
            **{**defaults, **arguments},
        )["service"]

    def update(self, **arguments: Any) -> Any:
        """Update the service."""
        return self.ecs.update_service(cluster=self.name, service=self.name, **arguments)["service"]

    @property
    def network(self) -> dict[str, Any]:
        """A network configuration: a subnet of the default VPC, and that VPC's own security group."""
        ec2 = self.endpoint.client("ec2", **self.keys)
        default = {"Name": "default-for-az", "Values": ["true"]}
        subnet = ec2.describe_subnets(Filters=[default])["Subnets"][0]
        of_vpc = [
            {"Name": "vpc-id", "Values": [subnet["VpcId"]]},
            {"Name": "group-name", "Values": ["default"]},
        ]
        (group,) = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
        place = {"subnets": [subnet["SubnetId"]], "securityGroups": [group["GroupId"]]}
        return {"awsvpcConfiguration": {**place, "assignPublicIp": "DISABLED"}}

    @property
    def service(self) -> Any:
        """The service as DescribeServices has it."""
        (found,) = self.ecs.describe_services(cluster=self.name, services=[self.name])["services"]
        return found

    @property
    def messages(self) -> list[str]:
        """The service's events, the newest first."""
        return [event["message"] for event in self.service["events"]]

    def wait(self, until: Callable[[Any], bool]) -> Any:
        """Return the service when it is as it should be."""
        end = time.monotonic() + WAIT_SECONDS
        while not until(service := self.service):
            assert time.monotonic() < end, service
            time.sleep(0.05)
        return service

    def steady(self) -> Any:
        """Return the service when its only deployment has completed."""
        return self.wait(lambda one: [d["rolloutState"] for d in one["deployments"]] == ["COMPLETED"])
