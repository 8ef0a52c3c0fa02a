"""Authorisation of a security group's rules: the group by the tags it has, a new rule by those it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.localcloud.aws.people import User, policy, refusal_of
from tests.localcloud.aws.test_authorisation_tags import (
    ANYWHERE,
    EC2,
    GIVEN,
    HAS,
    OTHER,
    OWN,
    allow,
    of_group,
)

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

AUTHORIZE = "ec2:AuthorizeSecurityGroupIngress"


def test_a_rule_with_tags_is_asked_for_beside_its_group(user: User, iam: IAMClient, name: str) -> None:
    """Without tags the group alone counts; no tag that a rule gets opens a group of others."""
    administrator = user.endpoint.client("ec2")
    own, other = (
        administrator.create_security_group(
            GroupName=f"{name}-{kind}", Description=name, TagSpecifications=of_group(tags)
        )["GroupId"]
        for kind, tags in (("own", OWN), ("other", OTHER))
    )
    as_made = {"StringEquals": {"ec2:CreateAction": "AuthorizeSecurityGroupIngress"}}
    tag = policy(("ec2:CreateTags", "*"), Condition=as_made)
    allow(user, iam, change=policy((AUTHORIZE, "*"), Condition=HAS), tag=tag)
    authorise = user.client("ec2").authorize_security_group_ingress
    tags = [{"ResourceType": "security-group-rule", "Tags": OWN}]
    refused = refusal_of(authorise, GroupId=own, IpPermissions=ANYWHERE, TagSpecifications=tags)[1]
    assert f"{AUTHORIZE} on resource: {EC2}:security-group-rule/* " in refused
    allow(user, iam, make=policy((AUTHORIZE, f"{EC2}:security-group-rule/*"), Condition=GIVEN))
    refused = refusal_of(authorise, GroupId=other, IpPermissions=ANYWHERE, TagSpecifications=tags)[1]
    assert f"{AUTHORIZE} on resource: {EC2}:security-group/{other} " in refused
    wrong = [{"ResourceType": "security-group-rule", "Tags": OTHER}]
    assert refusal_of(authorise, GroupId=own, IpPermissions=ANYWHERE, TagSpecifications=wrong)
    authorise(GroupId=own, IpPermissions=ANYWHERE, TagSpecifications=tags)
    elsewhere = [{**ANYWHERE[0], "FromPort": 2, "ToPort": 2}]
    authorise(GroupId=own, IpPermissions=elsewhere)
