"""A role's policies as IAM has them: trust, inline, attached and boundary, every page of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.iam import policies
from scripts.iam.evaluation import Verdict, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient

    from scripts.iam.evaluation import Call
    from scripts.iam.policies import Statement


@dataclass(frozen=True)
class RolePolicies:
    """A role's trust policy, the statements of its own policies, and of its boundary, None for none."""

    trust: Mapping[str, Any]
    statements: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None = None

    def verdict(self, call: Call) -> Verdict:
        """Return what they say of *call*: a boundary has to allow it too."""
        own = evaluate(self.statements, call)
        if self.boundary is None or own is Verdict.DENIED:
            return own
        limit = evaluate(self.boundary, call)
        if Verdict.DENIED in (own, limit):
            return Verdict.DENIED
        return limit if own is Verdict.ALLOWED else own


def policies_of(client: IAMClient, role_name: str, *, rights: bool = True) -> RolePolicies:
    """Return the policies of role *role_name*; without *rights* its trust policy alone.

    Raises botocore's ClientError, with NoSuchEntity where there is no such role, and PolicyError for a
    document that can't be read.
    """
    role = client.get_role(RoleName=role_name)["Role"]
    trust: Any = role["AssumeRolePolicyDocument"]
    if not rights:
        return RolePolicies(trust, ())
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return RolePolicies(
        trust,
        (*_inline(client, role_name), *_attached(client, role_name)),
        _managed(client, boundary, "permissions boundary") if boundary else None,
    )


def _inline(client: IAMClient, role_name: str) -> tuple[Statement, ...]:
    pages = client.get_paginator("list_role_policies").paginate(RoleName=role_name)
    found: list[Statement] = []
    for name in (name for page in pages for name in page["PolicyNames"]):
        document = client.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
        found += policies.read(f"inline policy {name}", document)
    return tuple(found)


def _attached(client: IAMClient, role_name: str) -> tuple[Statement, ...]:
    pages = client.get_paginator("list_attached_role_policies").paginate(RoleName=role_name)
    found: list[Statement] = []
    for policy in (policy for page in pages for policy in page["AttachedPolicies"]):
        found += _managed(client, policy["PolicyArn"], "attached policy")
    return tuple(found)


def _managed(client: IAMClient, arn: str, kind: str) -> tuple[Statement, ...]:
    """Return the statements of a managed policy's default version, the one that counts."""
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return policies.read(f"{kind} {arn.rpartition('/')[2]}", document)
