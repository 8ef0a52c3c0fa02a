"""verify's look at the roles: each fault by its own words, and never a pass that was not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from scripts.verify.check import Status
from tests.scripts.iam.role_stage import (
    CALLS,
    NAME,
    PARAMETERS,
    PLAN,
    STATE_KEY,
    TASK,
    VERIFY,
    allowing,
    document,
    found,
    only_failure,
    remove,
    s3_client,
    trust,
)

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from scripts.aws import Clients
    from scripts.iam.evaluation import Call
    from scripts.terragrunt.render import Unit


def test_nothing_is_looked_at_where_nothing_was_applied(units: dict[str, Unit], clients: Clients) -> None:
    """Neither without a state bucket, nor after the unit was destroyed."""
    assert found(units, clients) == {}
    s3, bucket, key = s3_client(), units["xray"].bucket, STATE_KEY
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=b'{"version": 4, "outputs": {}, "resources": []}')
    try:
        assert found(units, clients) == {}
    finally:
        s3.delete_object(Bucket=bucket, Key=key)
        s3.delete_bucket(Bucket=bucket)


def test_roles_are_skipped_without_a_unit_that_says_what_the_backend_calls(
    iam: IAMClient, units: dict[str, Unit], clients: Clients
) -> None:
    """Each has its row, which names the units."""
    results = found({"honeycomb": units["honeycomb"], "logs": units["logs"]}, clients)
    assert set(results) == {TASK, PLAN, VERIFY}
    for result in results.values():
        assert (result.status, "no unit xray, honeycomb-key to say" in result.actual) == (Status.SKIP, True)


def test_a_state_that_cannot_be_read_fails_by_the_roles_own_name(
    units: dict[str, Unit], clients: Clients
) -> None:
    """Roles are called after the path's parts, whatever the group is called."""
    xray = replace(units["xray"], inputs={**units["xray"].inputs, "group_name": "theirs"})
    s3 = s3_client()
    s3.create_bucket(Bucket=xray.bucket)
    s3.put_object(Bucket=xray.bucket, Key=STATE_KEY, Body=b"no state")
    try:
        results = found({**units, "xray": xray}, clients)
    finally:
        s3.delete_object(Bucket=xray.bucket, Key=STATE_KEY)
        s3.delete_bucket(Bucket=xray.bucket)
    assert {key: result.status for key, result in results.items()} == {TASK: Status.FAIL}


def test_roles_as_applied_pass(iam: IAMClient, units: dict[str, Unit], clients: Clients) -> None:
    """One check for each; a list of one in a trust policy is the same as its only member."""
    results = found(units, clients)
    assert set(results) == {TASK, PLAN, VERIFY}
    assert {result.status for result in results.values()} == {Status.PASS}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: str(call.action))
def test_each_call_that_is_not_allowed_is_named(
    iam: IAMClient, units: dict[str, Unit], clients: Clients, call: Call
) -> None:
    """The action and its resource, and none of the others."""
    rest = [other for other in CALLS if other is not call]
    iam.put_role_policy(RoleName=f"{NAME}-task", PolicyName="own", PolicyDocument=document(*allowing(rest)))
    failure = only_failure(found(units, clients))
    assert (failure.id, failure.actual) == (TASK, f"not allowed: {call}")


@pytest.mark.parametrize(
    ("statement", "actual"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "wider: * on * (inline policy more)"),
        (
            {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": f"{PARAMETERS}/*"},
            f"wider: ssm:getparameters on {PARAMETERS}/* (inline policy more)",
        ),
        (
            {"Effect": "Deny", "Action": "xray:Put*", "Resource": "*"},
            "denied: xray:PutTelemetryRecords on *, xray:PutTraceSegments on *",
        ),
        (
            {
                "Effect": "Deny",
                "Action": "xray:PutTraceSegments",
                "Resource": "*",
                "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            },
            "can't be told: xray:PutTraceSegments on *",
        ),
    ],
)
def test_another_inline_policy_is_judged_with_the_first(
    iam: IAMClient, units: dict[str, Unit], clients: Clients, statement: dict[str, Any], actual: str
) -> None:
    """Wider rights, denials, and conditions that can't be told: none of them passes."""
    iam.put_role_policy(RoleName=f"{NAME}-task", PolicyName="more", PolicyDocument=document(statement))
    assert only_failure(found(units, clients)).actual == actual


def test_attached_policies_count_by_their_default_version(
    iam: IAMClient, units: dict[str, Unit], clients: Clients
) -> None:
    """One that was harmless at first, and became wide with a new default version, is found."""
    harmless = document(*allowing(CALLS[:1]))
    arn = iam.create_policy(PolicyName="attached", PolicyDocument=harmless)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=f"{NAME}-task", PolicyArn=arn)
    assert found(units, clients)[TASK].status is Status.PASS
    wide = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=wide, SetAsDefault=True)
    actual = only_failure(found(units, clients)).actual
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId=version["PolicyVersion"]["VersionId"])
    assert actual == "wider: s3:* on * (attached policy attached)"


def test_every_page_of_policies_is_read(iam: IAMClient, units: dict[str, Unit], clients: Clients) -> None:
    """The last of 120 inline policies counts as the first."""
    for number in range(120):
        iam.put_role_policy(
            RoleName=f"{NAME}-task",
            PolicyName=f"policy-{number:03}",
            PolicyDocument=document(*allowing(CALLS[:1])),
        )
    assert found(units, clients)[TASK].status is Status.PASS
    wide = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    iam.put_role_policy(RoleName=f"{NAME}-task", PolicyName="policy-119", PolicyDocument=document(wide))
    assert only_failure(found(units, clients)).actual == "wider: iam:* on * (inline policy policy-119)"


def test_a_boundary_that_does_not_allow_takes_away(
    iam: IAMClient, units: dict[str, Unit], clients: Clients
) -> None:
    """What policies give and a permissions boundary doesn't is not allowed."""
    boundary = document({"Effect": "Allow", "Action": ["ssm:*", "xray:*"], "Resource": "*"})
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=boundary)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=f"{NAME}-task", PermissionsBoundary=arn)
    actual = only_failure(found(units, clients)).actual
    iam.delete_role_permissions_boundary(RoleName=f"{NAME}-task")
    assert actual.startswith("not allowed: logs:CreateLogStream on ")
    assert "xray" not in actual


def test_a_role_that_is_gone_and_one_that_trusts_others(
    iam: IAMClient, units: dict[str, Unit], clients: Clients
) -> None:
    """Each fails by itself."""
    remove(iam, f"{NAME}-task")
    iam.update_assume_role_policy(RoleName=f"{NAME}-verify", PolicyDocument=trust("ec2.amazonaws.com"))
    results = found(units, clients)
    assert {key: result.actual for key, result in results.items() if result.status is Status.FAIL} == {
        TASK: "no such role, or a policy of it is gone",
        VERIFY: "trusts others than was applied",
    }
