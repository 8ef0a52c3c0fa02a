"""Authorisation of roles and their sessions over boto3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.localcloud.aws.people import ACCOUNT, keys_of, policy, refusal_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from tests.localcloud.aws.people import User


def _role(iam: IAMClient, name: str, principal: Any, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


def test_role_sessions(user: User, iam: IAMClient) -> None:
    """A role is assumed by who may and is trusted; its session has the role's rights under its own ARN."""
    arn = _role(iam, user.name, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    iam.put_role_policy(RoleName=user.name, PolicyName="p", PolicyDocument=policy(("xray:Get*", "*")))
    sts = user.client("sts")
    assert refusal_of(sts.assume_role, RoleArn=arn, RoleSessionName="session")[0] == "AccessDenied"
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=policy(("sts:AssumeRole", arn)))
    keys = keys_of(sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"])
    xray = user.endpoint.client("xray", **keys)
    xray.get_groups()
    session_arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{user.name}/session"
    assert refusal_of(xray.create_group, GroupName="x")[1].startswith(f"User: {session_arn} is not")
    stolen = user.endpoint.client("xray", **(keys | {"aws_session_token": "guessed"}))
    assert refusal_of(stolen.get_groups)[0] == "UnrecognizedClientException"


def test_trust_policy_is_needed(user: User, iam: IAMClient) -> None:
    """Without being trusted nobody assumes a role; named by the trust policy, nothing else is needed."""
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=policy(("sts:*", "*")))
    sts = user.client("sts")
    strangers = _role(iam, f"{user.name}-strangers", {"Service": "ecs-tasks.amazonaws.com"})
    assert refusal_of(sts.assume_role, RoleArn=strangers, RoleSessionName="session")[0] == "AccessDenied"
    never_made = f"arn:aws:iam::{ACCOUNT}:role/never-made"
    assert refusal_of(sts.assume_role, RoleArn=never_made, RoleSessionName="session")[0] == "AccessDenied"
    external = {"StringEquals": {"sts:ExternalId": "agreed"}}
    named = _role(iam, f"{user.name}-named", {"AWS": user.arn}, Condition=external)
    assert refusal_of(sts.assume_role, RoleArn=named, RoleSessionName="session")[0] == "AccessDenied"
    iam.delete_user_policy(UserName=user.name, PolicyName="p")
    sts.assume_role(RoleArn=named, RoleSessionName="session", ExternalId="agreed")


def test_boundary_and_session_policy_only_narrow(user: User, iam: IAMClient) -> None:
    """A permissions boundary and a session policy take rights away and never give any."""
    arn = _role(iam, user.name, {"AWS": user.arn})
    iam.put_role_policy(
        RoleName=user.name, PolicyName="p", PolicyDocument=policy((["xray:GetGroups", "ssm:*"], "*"))
    )
    boundary = iam.create_policy(PolicyName=user.name, PolicyDocument=policy(("xray:*", "*")))
    sts = user.client("sts")
    narrow = sts.assume_role(RoleArn=arn, RoleSessionName="session", Policy=policy(("ssm:Get*", "*")))
    xray = user.endpoint.client("xray", **keys_of(narrow["Credentials"]))
    assert "no session policy allows" in refusal_of(xray.get_groups)[1]
    iam.put_role_permissions_boundary(RoleName=user.name, PermissionsBoundary=boundary["Policy"]["Arn"])
    keys = keys_of(sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"])
    user.endpoint.client("xray", **keys).get_groups()
    ssm = user.endpoint.client("ssm", **keys)
    assert "no permissions boundary allows" in refusal_of(ssm.describe_parameters)[1]
