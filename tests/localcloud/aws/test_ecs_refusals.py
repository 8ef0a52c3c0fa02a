"""What ECS doesn't take, or can't start: task definitions and services that lack a role or a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.ecs import FARGATE, REGISTRY, Stage
from tests.localcloud.aws.people import refusal_of

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint

PUBLIC = "public.ecr.aws/docker/library/python:3.11"
PRIVATE = f"{REGISTRY}/some:v1"
SECRET = {"secrets": [{"name": "KEY", "valueFrom": "/some/key"}]}
LOGGING = {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/some"}}}
OF_FARGATE = "Fargate requires task definition to have execution role ARN to support"
OF_SECRETS = (
    "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
)
NO_NETWORK = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
ON_INSTANCES: dict[str, Any] = {"memory": "512"}


@pytest.fixture
def stage(endpoint: Endpoint, name: str) -> Stage:
    """A cluster, a repository and a role."""
    return Stage(endpoint, name).build()


def _definition(container: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    whole = {"name": "backend", "image": PUBLIC, **container}
    plain = {"name": "other", "image": PUBLIC}
    return {"containerDefinitions": [plain, whole], **settings}


@pytest.mark.parametrize(
    ("container", "settings", "message"),
    [
        ({"image": PRIVATE}, FARGATE, f"{OF_FARGATE} ECR images."),
        (LOGGING, FARGATE, f"{OF_FARGATE} log driver awslogs."),
        (SECRET, FARGATE, OF_SECRETS),
        (SECRET, ON_INSTANCES, OF_SECRETS),
    ],
    ids=["image", "log", "secret", "secret-on-instances"],
)
def test_a_definition_needs_its_execution_role(
    stage: Stage, container: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    """Without it nothing is registered; with it, it is."""
    definition = _definition(container, {"family": stage.name, **settings})
    assert refusal_of(stage.ecs.register_task_definition, **definition) == ("ClientException", message)
    assert stage.ecs.list_task_definitions(familyPrefix=stage.name)["taskDefinitionArns"] == []
    made = stage.ecs.register_task_definition(**definition, executionRoleArn=stage.role)
    assert made["taskDefinition"]["revision"] == 1


@pytest.mark.parametrize(
    ("container", "settings"),
    [({}, FARGATE), ({"image": PRIVATE}, ON_INSTANCES), (LOGGING, ON_INSTANCES)],
    ids=["public-image", "image-on-instances", "log-on-instances"],
)
def test_a_definition_that_needs_no_execution_role(
    stage: Stage, container: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Public images anywhere, and on instances, which have a role of their own, ECR's and a log."""
    definition = _definition(container, {"family": stage.name, **settings})
    assert stage.ecs.register_task_definition(**definition)["taskDefinition"]["revision"] == 1


def test_a_service_needs_a_network(stage: Stage) -> None:
    """With network mode awsvpc alone, on CreateService and on UpdateService; what it has it keeps."""
    whole = {"cluster": stage.name, "serviceName": stage.name, "desiredCount": 1}
    own = stage.register(PUBLIC)
    nothing: list[dict[str, Any]] = [{}, {"networkConfiguration": {}}]
    for one in nothing:
        refused = refusal_of(stage.ecs.create_service, **whole, **one, taskDefinition=own)
        assert refused == ("InvalidParameterException", NO_NETWORK)
    assert stage.ecs.list_services(cluster=stage.name)["serviceArns"] == []
    bridge = _definition({}, {"family": f"{stage.name}-bridge", **ON_INSTANCES})
    shared = stage.ecs.register_task_definition(**bridge)["taskDefinition"]["taskDefinitionArn"]
    stage.ecs.create_service(**whole, taskDefinition=shared)
    assert refusal_of(stage.update, taskDefinition=own)[1] == NO_NETWORK
    assert stage.service["taskDefinition"] == shared
    stage.update(taskDefinition=own, networkConfiguration=stage.network)
    again = stage.update(taskDefinition=stage.register(PUBLIC))
    assert again["networkConfiguration"] == stage.network


def test_a_role_that_does_not_exist(stage: Stage) -> None:
    """No task is launched, and the events say why; with the role there is, by ARN or by name, it runs."""
    iam = stage.endpoint.client("iam")
    iam.delete_role(RoleName=stage.name)
    stage.create(stage.register(PUBLIC))
    service = stage.wait(lambda one: one["deployments"][0]["rolloutState"] == "FAILED")
    assert (service["deployments"][0]["failedTasks"], service["runningCount"]) == (3, 0)
    said = f"failed to launch a task with (error ECS was unable to assume the role '{stage.role}' that was"
    assert [said in message for message in stage.messages] == [False, True, True, True]
    stopped = stage.ecs.list_tasks(cluster=stage.name, serviceName=stage.name, desiredStatus="STOPPED")
    assert stopped["taskArns"] == []
    stage.make_role()
    definition = _definition({}, {"family": stage.name, **FARGATE, "executionRoleArn": stage.role})
    by_name = stage.ecs.register_task_definition(**definition, taskRoleArn=stage.name)["taskDefinition"]
    stage.update(taskDefinition=by_name["taskDefinitionArn"])
    assert stage.steady()["runningCount"] == 2
    other = stage.ecs.register_task_definition(**definition, taskRoleArn=f"{stage.role}-other")
    endless = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    stage.update(taskDefinition=other["taskDefinition"]["taskDefinitionArn"], deploymentConfiguration=endless)
    stage.wait(lambda one: one["deployments"][0]["failedTasks"] > 0)
    assert any(f"unable to assume the role '{stage.role}-other'" in message for message in stage.messages)
