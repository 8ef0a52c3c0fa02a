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
    """A role's trust policy, its inline policies by name, the attached ones' ARNs, and what these state.

    ``statements`` are those of inline and attached policies, ``boundary`` its boundary's, None for none.
    """

    trust: Mapping[str, Any]
    inline: Mapping[str, Any]
    attached: tuple[str, ...]
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


def policies_of(client: IAMClient, role_name: str) -> RolePolicies:
    """Return the policies of role *role_name*.

    Raises botocore's ClientError, with NoSuchEntity where there is no such role, and PolicyError for a
    document that can't be read.
    """
    role = client.get_role(RoleName=role_name)["Role"]
    trust: Any = role["AssumeRolePolicyDocument"]
    inline, attached = _inline(client, role_name), _attached(client, role_name)
    statements = [
        *(policies.read(f"inline policy {name}", document) for name, document in inline.items()),
        *(_managed(client, arn, "attached policy") for arn in attached),
    ]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return RolePolicies(
        trust,
        inline,
        attached,
        tuple(statement for each in statements for statement in each),
        _managed(client, boundary, "permissions boundary") if boundary else None,
    )


def _inline(client: IAMClient, role_name: str) -> dict[str, Any]:
    pages = client.get_paginator("list_role_policies").paginate(RoleName=role_name)
    return {
        name: client.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
        for page in pages
        for name in page["PolicyNames"]
    }


def _attached(client: IAMClient, role_name: str) -> tuple[str, ...]:
    pages = client.get_paginator("list_attached_role_policies").paginate(RoleName=role_name)
    return tuple(policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"])


def _managed(client: IAMClient, arn: str, kind: str) -> tuple[Statement, ...]:
    """Return the statements of a managed policy's default version, the one that counts."""
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return policies.read(f"{kind} {arn.rpartition('/')[2]}", document)
