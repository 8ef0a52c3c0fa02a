"""Authorisation of what a deployment calls: the right action on the right resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.deployment_calls import CALLS, FLOW, IMAGE, REGIONAL, TAGGED
from tests.localcloud.aws.ecs import Stage
from tests.localcloud.aws.people import ACCOUNT, User, policy, refusal_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@pytest.mark.parametrize(
    ("service", "call", "parameters", "action", "resource"), CALLS, ids=[found[3] for found in CALLS]
)
def test_each_call_needs_its_action(
    user: User, service: str, call: str, parameters: dict[str, Any], action: str, resource: str
) -> None:
    """Without a policy the refusal names the action and the resource."""
    code, message = refusal_of(getattr(user.client(service), call), **parameters)
    assert code in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
    assert f"is not authorized to perform: {action} on resource: {resource} because" in message


@pytest.mark.parametrize(
    ("service", "call", "parameters", "action", "tagging"), TAGGED, ids=[found[3] for found in TAGGED]
)
def test_making_with_tags_needs_tagging(
    user: User, iam: IAMClient, service: str, call: str, parameters: dict[str, Any], action: str, tagging: str
) -> None:
    """Who may make a thing but not tag it can't make it with tags."""
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=policy((action, "*")))
    assert (
        f"perform: {tagging} on resource: arn:aws:"
        in refusal_of(getattr(user.client(service), call), **parameters)[1]
    )


def test_roles_are_passed(user: User, iam: IAMClient) -> None:
    """A task definition's roles need iam:PassRole for ECS's tasks, a flow log's for flow logs."""
    role = f"arn:aws:iam::{ACCOUNT}:role/x"
    register = {
        "family": "x",
        "containerDefinitions": [{"name": "a", "image": IMAGE, "memory": 128}],
        "executionRoleArn": role,
    }
    ecs, ec2 = user.client("ecs"), user.client("ec2")
    document = policy((["ecs:RegisterTaskDefinition", "ec2:CreateFlowLogs"], "*"))
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=document)
    needed = f"perform: iam:PassRole on resource: {role} "
    assert needed in refusal_of(ecs.register_task_definition, **register)[1]
    condition = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    passing = policy(("iam:PassRole", role), Condition=condition)
    iam.put_user_policy(UserName=user.name, PolicyName="q", PolicyDocument=passing)
    assert ecs.register_task_definition(**register)["taskDefinition"]["revision"] >= 1
    assert needed in refusal_of(ec2.create_flow_logs, **FLOW, DeliverLogsPermissionArn=role)[1]


def test_a_deploying_role_needs_no_more(user: User, iam: IAMClient, name: str) -> None:
    """With exactly its actions on its own service a deployment goes through; on another's it is refused."""
    stage = Stage(user.endpoint, name).build()
    stage.create(stage.register(IMAGE))
    service = f"arn:aws:ecs:{REGIONAL}:service/{name}/{name}"
    repository = f"arn:aws:ecr:{REGIONAL}:repository/{name}"
    document = policy(
        (["ecs:UpdateService", "ecs:DescribeServices"], service),
        (["ecr:PutImage", "ecr:DescribeImages"], repository),
        (["ecs:RegisterTaskDefinition"], "*"),
        (["iam:PassRole"], stage.role),
    )
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=document)
    deployer = Stage(user.endpoint, name, user.keys)
    deployer.push("v1")
    task_definition = deployer.register(f"{stage.repository}:v1")
    deployer.update(taskDefinition=task_definition)
    assert deployer.steady()["taskDefinition"] == task_definition
    other = {"cluster": name, "service": "other"}
    assert refusal_of(deployer.ecs.update_service, **other)[0] == "AccessDeniedException"
    assert refusal_of(deployer.ecr.batch_delete_image, repositoryName=name, imageIds=[{"imageTag": "v1"}])[
        0
    ] == ("AccessDeniedException")
