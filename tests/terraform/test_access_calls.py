"""The roles that plan, apply and deploy, authorisation on: each action is used, each used one is allowed.

One local cloud, on which each unit goes through all of its phases with sessions of those roles. What task,
execution and verify roles are held against: tests/end_to_end/test_access.py, test_access_execution.py.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from scripts.iam import policies, unit_calls
from scripts.iam.evaluation import Call, Verdict, evaluate
from scripts.iam.unit_calls import ADMINISTRATOR, APPLY, DEPLOY, PLAN
from tests.terraform.deployment_calls import NAME, ROLE, Deployment, begin, deployment, play
from tests.terraform.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.iam.policies import Statement

ROLES = (PLAN, APPLY, DEPLOY)
# What the person has beside the unit's own: the state's, as everybody who applies.
OF_STATES = ["s3:*"]
# Of the states, what local_cloud leaves out: Terragrunt's look at the bucket's policy.
STATES_FURTHER: dict[str, set[str]] = {
    PLAN: set(),
    APPLY: {"s3:GetBucketPolicy"},
    DEPLOY: {"s3:GetBucketPolicy"},
}
# X-Ray's segments, ECS's definitions and the end of a subscription know no resource, a scalable target has an
# id of AWS's; a security group is made in a VPC whose id isn't known, and has to have the tags itself. The
# services' own roles are limited by the service. What scaling asks of alarms it asks without a name.
WRITES_ANYWHERE = {
    PLAN: {"xray:PutTraceSegments"},
    APPLY: {"xray:PutTraceSegments"},
    DEPLOY: {
        "application-autoscaling:DeleteScalingPolicy",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
        "application-autoscaling:UntagResource",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "ec2:CreateSecurityGroup",
        "ec2:CreateTags",  # as a group or a rule is made
        "ecs:DeregisterTaskDefinition",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "iam:CreateServiceLinkedRole",
        "sns:Unsubscribe",
        "xray:PutTraceSegments",
    },
}
READS = ("Describe", "Get", "List")
# Their reads give values away.
GUARDED = ("iam:", "kms:", "s3:", "ssm:")
LISTS = {"ssm:DescribeParameters"}
pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Every unit was made, planned, changed and removed; the roles are still there.

    Who applies network has the rights of its list alone, so that what is on it is enough.
    """
    administrators = [*unit_calls.of("network").needed, *OF_STATES]
    with LocalAws() as aws, deployment(aws, tmp_path_factory.mktemp("tree"), administrators) as begun:
        play(begun)
        yield begun


def documents(aws: LocalAws, role: str) -> list[Any]:
    """Return the role's policies as IAM has them."""
    iam = aws.client("iam")
    found = []
    for name in iam.list_role_policies(RoleName=f"{NAME}-{role}")["PolicyNames"]:
        document = iam.get_role_policy(RoleName=f"{NAME}-{role}", PolicyName=name)["PolicyDocument"]
        found.append(json.loads(document) if isinstance(document, str) else document)
    return found


def allowed(aws: LocalAws, role: str) -> set[str]:
    """Return the actions that the role's policies allow; every one is named whole."""
    found: set[str] = set()
    for document in documents(aws, role):
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                actions = statement["Action"]
                found |= {actions} if isinstance(actions, str) else set(actions)
    assert not [action for action in found if "*" in action]
    return found


def test_the_lists_are_what_was_seen(played: Deployment) -> None:
    """Of each unit and phase; `python -m tests.terraform.deployment_calls` writes them anew."""
    differing = {
        f"{phase} {unit}": sorted(played.seen[unit][phase] ^ unit_calls.of(unit).phases[phase])
        for unit in unit_calls.UNITS
        for phase in unit_calls.PHASES
    }
    assert {place: actions for place, actions in differing.items() if actions} == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_action_of_a_role_is_used_and_each_used_one_is_its(played: Deployment, role: str) -> None:
    """What its units and its commands need, and of the states what their phases did; no more."""
    of_states = played.states[role] | STATES_FURTHER[role]
    assert allowed(played.aws, role) == unit_calls.needed_by(role) | of_states


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_another_environment_is_a_roles(played: Deployment, role: str) -> None:
    """Each action on the same resources of another environment, whose tags say so: silent, or denied.

    All that can be done there is to read lists that know no resource, and the few writes that know none.
    """
    statements: list[Statement] = []
    for document in documents(played.aws, role):
        statements += policies.read(role, document)
    free = {
        action
        for statement in statements
        if not statement.denies
        for action in statement.actions
        for resource in statement.resources
        if evaluate(statements, _elsewhere(action, resource, statement)) is Verdict.ALLOWED
    }
    names = {action.lower(): action for action in allowed(played.aws, role)}
    found = {names[action] for action in free}
    reads = {action for action in found if action.partition(":")[2].startswith(READS)}
    assert {action for action in reads if action.startswith(GUARDED)} <= LISTS
    assert found - reads == WRITES_ANYWHERE[role]


def _elsewhere(action: str, resource: str, statement: Statement) -> Call:
    """Return the call on what another environment has in place of *resource*, with its tags.

    Of the context, the statement's other conditions hold: they say how a thing is done, not with which.
    """
    other = resource.replace("cruddur-local", "cruddur-other").replace("/cruddur/local/", "/cruddur/other/")
    if other == resource and resource.startswith("arn:aws:route53:::hostedzone/"):
        other = f"{resource}OTHER"
    context = {key: values for keys in statement.conditions.values() for key, values in keys.items()}
    context = {
        key: ("other",) if key.startswith("aws:re") and "tag/" in key else (values[0],)
        for key, values in context.items()
    }
    context |= {
        f"aws:{kind}tag/{tag}": ("other",)
        for kind in ("request", "resource")
        for tag in ("project", "service", "environment")
    }
    return Call(action, other, context)


@pytest.mark.parametrize(
    ("role", "service", "call", "parameters"),
    [
        (PLAN, "ssm", "put_parameter", {"Name": "/cruddur/local/backend-flask/deploy/image", "Value": "x"}),
        (PLAN, "ecs", "update_service", {"cluster": "cruddur-local", "service": NAME}),
        (PLAN, "xray", "get_trace_summaries", {"StartTime": 0, "EndTime": 1}),
        (APPLY, "ssm", "put_parameter", {"Name": "/cruddur/local/backend-flask/deploy/image", "Value": "x"}),
        (APPLY, "ecs", "update_service", {"cluster": "cruddur-local", "service": NAME}),
        (DEPLOY, "ssm", "get_parameter", {"Name": "/cruddur/local/backend-flask/honeycomb/api-key"}),
        (DEPLOY, "ssm", "put_parameter", {"Name": "/cruddur/other/backend-flask/deploy/image", "Value": "x"}),
        (DEPLOY, "ecs", "update_service", {"cluster": "cruddur-other", "service": NAME}),
        (DEPLOY, "ecr", "describe_images", {"repositoryName": "cruddur-other-backend-flask"}),
        (DEPLOY, "ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}),
        (DEPLOY, "iam", "create_role", {"RoleName": f"{NAME}-x", "AssumeRolePolicyDocument": "{}"}),
        (DEPLOY, "iam", "put_role_policy", {"RoleName": NAME, "PolicyName": "x", "PolicyDocument": "{}"}),
        (DEPLOY, "xray", "delete_group", {"GroupName": NAME}),
        (DEPLOY, "s3", "get_object", {"Key": "backend-flask/honeycomb-key/terraform.tfstate"}),
        (DEPLOY, "s3", "put_object", {"Key": "backend-flask/network/terraform.tfstate", "Body": b"{}"}),
    ],
)
def test_calls_outside_are_denied(
    played: Deployment, role: str, service: str, call: str, parameters: dict[str, Any]
) -> None:
    """By the local cloud itself, before it looks whether what is named is there."""
    session = begin(played.aws, role)
    keys = {name.lower(): value for name, value in session.items()}
    if service == "s3":
        parameters = {"Bucket": "cruddur-local-terraform-state-123456789012", **parameters}
    with pytest.raises(ClientError) as caught:
        getattr(played.aws.client(service, **keys), call)(**parameters)
    code = caught.value.response["Error"]["Code"]
    assert code in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


@pytest.mark.parametrize(
    ("role", "passed_to", "is_allowed"),
    [("task", "ecs-tasks", True), ("task", "ec2", False), ("deploy", "ecs-tasks", False)],
)
def test_of_roles_the_tasks_own_are_handed_on_to_tasks_alone(
    played: Deployment, role: str, passed_to: str, is_allowed: bool
) -> None:
    """No other role, the deploying one's own neither, and to no other service."""
    statements = [one for document in documents(played.aws, DEPLOY) for one in policies.read("x", document)]
    context = {"iam:passedtoservice": (f"{passed_to}.amazonaws.com",)}
    verdict = evaluate(statements, Call("iam:PassRole", f"{ROLE}-{role}", context))
    assert (verdict is Verdict.ALLOWED) is is_allowed


@pytest.mark.parametrize("action", ["DeleteAlarms", "DescribeAlarms", "PutMetricAlarm"])
@pytest.mark.parametrize("name", ["", "*"])
def test_scaling_may_try_alarms_without_a_name(played: Deployment, action: str, name: str) -> None:
    """As Application Auto Scaling does with the caller's rights before it takes a policy, at AWS alone."""
    statements = [one for document in documents(played.aws, DEPLOY) for one in policies.read("x", document)]
    call = Call(f"cloudwatch:{action}", f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}", {})
    assert evaluate(statements, call) is Verdict.ALLOWED


def test_who_applies_the_network_is_no_role_of_the_stack(played: Deployment) -> None:
    """It makes a role, for its flow logs: no workflow may."""
    assert "iam:CreateRole" in unit_calls.of("network").needed
    for role in ROLES:
        assert "iam:CreateRole" not in allowed(played.aws, role)
    assert ADMINISTRATOR not in {*ROLES, "task", "execution", "verify"}
