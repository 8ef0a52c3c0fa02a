"""Who an access key belongs to, and which policies that principal has, as moto's IAM and STS keep them."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from localcloud.aws.accounts import account_of
from localcloud.aws.authorisation.policies import Statement, read_policy

_DENY_ALL = (Statement(denies=True, actions=("*",), resources=("*",)),)


class UnknownKeyError(Exception):
    """No active user or session has this key, or the session token isn't the key's."""


class ExpiredSessionError(Exception):
    """The assumed role's session is over."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or an assumed role's session. None for a boundary or session policy means that there is none."""

    arn: str
    account_id: str
    statements: tuple[Statement, ...]
    user_name: str | None = None
    boundary: tuple[Statement, ...] | None = None
    session_policy: tuple[Statement, ...] | None = None
    role_arn: str | None = None


def find_identity(access_key: str, session_token: str | None, partition: str) -> Identity:
    """Return whose key this is.

    Raises:
        UnknownKeyError: nobody's.
        ExpiredSessionError: that of a session that is over.
    """
    account_id = account_of(access_key)
    iam = iam_backends[account_id][partition]
    key = iam.access_keys.get(access_key)
    if key is None or key.status != "Active":
        raise UnknownKeyError(access_key)
    if key.role_arn is not None:
        return _session(iam, account_id, partition, access_key, session_token)
    if session_token is not None:
        raise UnknownKeyError(access_key)
    return _user(iam, account_id, str(key.user_name))


def _user(iam: Any, account_id: str, user_name: str) -> Identity:
    user = next((user for user in list(iam.users.values()) if user.name == user_name), None)
    if user is None:
        raise UnknownKeyError(user_name)
    holders = [user, *iam.get_groups_for_user(user_name)]
    statements = tuple(statement for holder in holders for statement in _policies_of(holder))
    return Identity(user.arn, account_id, statements, user_name=user_name)


def _session(
    iam: Any, account_id: str, partition: str, access_key: str, session_token: str | None
) -> Identity:
    session = sts_backends[account_id][partition].get_assumed_role_from_access_key(access_key)
    if session is None or not hmac.compare_digest(
        session.session_token.encode(), (session_token or "").encode()
    ):
        raise UnknownKeyError(access_key)
    if session.expiration.replace(tzinfo=UTC) <= datetime.now(UTC):
        raise ExpiredSessionError(access_key)
    role = next((role for role in list(iam.roles.values()) if role.arn == session.role_arn), None)
    if role is None:
        raise UnknownKeyError(access_key)
    return Identity(
        session.arn,
        account_id,
        tuple(_policies_of(role)),
        boundary=_boundary(iam, role.permissions_boundary_arn),
        session_policy=read_policy(session.policy) if session.policy else None,
        role_arn=role.arn,
    )


def _policies_of(holder: Any) -> list[Statement]:
    """Return the statements of a user's, group's or role's inline and attached policies."""
    documents = [*holder.policies.values(), *map(_document, list(holder.managed_policies.values()))]
    return [statement for document in documents for statement in read_policy(document)]


def _boundary(iam: Any, policy_arn: str | None) -> tuple[Statement, ...] | None:
    if not policy_arn:
        return None
    policy = iam.managed_policies.get(policy_arn)
    return _DENY_ALL if policy is None else read_policy(_document(policy))


def _document(policy: Any) -> str:
    return str(next(version.document for version in policy.versions if version.is_default))
