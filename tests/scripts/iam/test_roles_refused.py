"""verify's look at the roles: the plan role's ways to the key, and calls that verify itself is denied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from scripts import aws
from scripts.aws import Clients
from scripts.verify.check import Status
from tests.scripts.iam.role_stage import (
    CALLS,
    KEY,
    NAME,
    NEVER_THE_KEY,
    PLAN,
    READING,
    TASK,
    allowing,
    document,
    found,
    only_failure,
)

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from scripts.environment import Environment
    from scripts.terragrunt.render import Unit

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": KEY},
        {"Effect": "Allow", "Action": "ssm:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "ssm:GetParametersByPath",
            "Resource": "arn:aws:ssm:*:*:parameter/cruddur",
        },
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "ssm:GetParameterHistory",
            "Resource": KEY,
            "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        },
    ],
)
def test_a_plan_role_that_may_read_the_key_is_found(
    iam: IAMClient, units: dict[str, Unit], clients: Clients, statement: dict[str, Any]
) -> None:
    """Once nothing denies it, whatever allows it or might allow it is found."""
    iam.put_role_policy(RoleName=f"{NAME}-plan", PolicyName="own", PolicyDocument=document(statement))
    failure = only_failure(found(units, clients))
    assert failure.id == PLAN
    assert failure.actual.startswith("not as applied: inline policy own; may read the key: ssm:Get")


@pytest.mark.parametrize("role", ["plan", "verify"])
@pytest.mark.parametrize(
    ("name", "statements", "actual"),
    [
        ("more", [EVERYTHING], "not applied: inline policy more"),
        ("own", [READING, *NEVER_THE_KEY, EVERYTHING], "not as applied: inline policy own"),
        ("attached", [EVERYTHING], "not applied: attached policy AdministratorAccess"),
        ("attached", NEVER_THE_KEY, "not applied: attached policy AdministratorAccess"),
    ],
)
def test_a_policy_that_was_not_applied_is_found_though_the_key_stays_denied(
    iam: IAMClient,
    units: dict[str, Unit],
    clients: Clients,
    role: str,
    name: str,
    statements: list[dict[str, Any]],
    actual: str,
) -> None:
    """Added inline or attached, or written into the role's own, whatever it allows beside the denial."""
    if name == "attached":
        policy = iam.create_policy(PolicyName="AdministratorAccess", PolicyDocument=document(*statements))
        iam.attach_role_policy(RoleName=f"{NAME}-{role}", PolicyArn=policy["Policy"]["Arn"])
    else:
        iam.put_role_policy(RoleName=f"{NAME}-{role}", PolicyName=name, PolicyDocument=document(*statements))
    failure = only_failure(found(units, clients))
    assert (failure.id, failure.actual) == (f"iam.{NAME}-{role}", actual)


def test_a_policy_that_is_gone_is_found(iam: IAMClient, units: dict[str, Unit], clients: Clients) -> None:
    """The role that has lost its own."""
    iam.delete_role_policy(RoleName=f"{NAME}-plan", PolicyName="own")
    failure = only_failure(found(units, clients))
    assert (failure.id, failure.actual) == (PLAN, "missing: inline policy own")


@pytest.mark.parametrize(
    "action",
    [
        "s3:GetObject",
        "iam:GetRole",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
    ],
)
def test_each_denied_call_fails_and_is_named(
    iam: IAMClient, units: dict[str, Unit], clients: Clients, local: Environment, action: str
) -> None:
    """Without one of its rights verify says which; it never takes what it can't see for right."""
    policy = iam.create_policy(PolicyName="attached", PolicyDocument=document(*allowing(CALLS[:1])))
    iam.attach_role_policy(RoleName=f"{NAME}-task", PolicyArn=policy["Policy"]["Arn"])
    iam.create_user(UserName="verifier")
    but = {"Effect": "Deny", "Action": action, "Resource": "*"}
    iam.put_user_policy(UserName="verifier", PolicyName="p", PolicyDocument=document(EVERYTHING, but))
    pair = iam.create_access_key(UserName="verifier")["AccessKey"]
    url = f"{local.variables['AWS_ENDPOINT_URL']}/_localcloud/authorisation"
    requests.put(url, json={"enabled": True}, timeout=10).raise_for_status()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", pair["AccessKeyId"])
            patch.setenv("AWS_SECRET_ACCESS_KEY", pair["SecretAccessKey"])
            aws.clients.cache_clear()
            results = found(units, Clients(local.variables["AWS_REGION"]))
    finally:
        aws.clients.cache_clear()
        requests.put(url, json={"enabled": False}, timeout=10).raise_for_status()
        iam.delete_access_key(UserName="verifier", AccessKeyId=pair["AccessKeyId"])
        iam.delete_user_policy(UserName="verifier", PolicyName="p")
        iam.delete_user(UserName="verifier")
    assert results[TASK].status is Status.FAIL
    assert action.partition(":")[2] in results[TASK].actual
    assert action in results[TASK].remedy
