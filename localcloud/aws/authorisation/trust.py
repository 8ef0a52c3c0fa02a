"""Whether a role may be assumed: its trust policy.

Source: "Cross-account resource access in IAM", IAM user guide.
"""

import json
from typing import Any

from moto.iam.models import iam_backends

from localcloud.aws.authorisation.conditions import Context, holds
from localcloud.aws.authorisation.identities import Identity
from localcloud.aws.authorisation.wildcards import matches

_ASSUME_ROLE = "sts:AssumeRole"
_PARTITION, _ACCOUNT = 1, 4


def trusted_by_name(identity: Identity, role_arn: str) -> bool:
    """Tell whether the trust policy of a role in the caller's own account names the caller itself.

    Then the caller needs no policy of its own.
    """
    if _field(role_arn, _ACCOUNT) != identity.account_id:
        return False
    names = {identity.arn, identity.role_arn}
    return any(
        names & set(_principals(statement)) for statement in _statements(role_arn) if _allows(statement)
    )


def trusts(identity: Identity, role_arn: str, context: Context) -> bool:
    """Tell whether the role's trust policy lets the caller in, by name, by account or as anybody."""
    verdict = False
    for statement in _statements(role_arn):
        concerned = _concerns(statement, identity)
        held = holds(statement.get("Condition") or {}, context)
        if not _allows(statement) and concerned and held is not False:
            return False
        verdict = verdict or (_allows(statement) and concerned and held is True)
    return verdict


def _concerns(statement: dict[str, Any], identity: Identity) -> bool:
    partition = identity.arn.split(":")[1]
    names = {
        "*",
        identity.arn,
        identity.role_arn,
        identity.account_id,
        f"arn:{partition}:iam::{identity.account_id}:root",
    }
    return _is_assume_role(statement) and bool(names & set(_principals(statement)))


def _statements(role_arn: str) -> list[dict[str, Any]]:
    accounts = iam_backends[_field(role_arn, _ACCOUNT)]
    try:
        roles = list(accounts[_field(role_arn, _PARTITION)].roles.values())
    except KeyError:
        return []
    role = next((role for role in roles if role.arn == role_arn), None)
    if role is None:
        return []
    try:
        statements = json.loads(role.assume_role_policy_document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return []
    statements = statements if isinstance(statements, list) else [statements]
    return [statement for statement in statements if isinstance(statement, dict)]


def _field(arn: str, number: int) -> str:
    parts = arn.split(":")
    return parts[number] if len(parts) > number else ""


def _allows(statement: dict[str, Any]) -> bool:
    return statement.get("Effect") == "Allow" and _is_assume_role(statement)


def _is_assume_role(statement: dict[str, Any]) -> bool:
    actions = statement.get("Action", [])
    actions = actions if isinstance(actions, list) else [actions]
    return any(matches(str(action), _ASSUME_ROLE, ignore_case=True) for action in actions)


def _principals(statement: dict[str, Any]) -> list[str]:
    principal = statement.get("Principal", {})
    if isinstance(principal, str):
        return [principal]
    named = principal.get("AWS", []) if isinstance(principal, dict) else []
    return [str(name) for name in (named if isinstance(named, list) else [named])]
