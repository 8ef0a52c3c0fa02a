"""Resource policies (source: the X-Ray API, PutResourcePolicy)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.aws.strict_json import loads
from localcloud.aws.xray.exceptions import (
    InvalidPolicyRevisionIdError,
    InvalidRequestError,
    LockoutPreventionError,
    MalformedPolicyDocumentError,
    PolicyCountLimitExceededError,
    PolicySizeLimitExceededError,
)
from xray.wildcards import wildcard_match

POLICIES_MAX = 5
POLICY_MAX_BYTES = 5 * 1024
CREATE_ONLY = "0"
_PUT = "xray:PutResourcePolicy"


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """One policy and its revision."""

    name: str
    document: str
    revision: int
    updated_at: float

    def to_api(self) -> dict[str, Any]:
        """Return the API's `ResourcePolicy`."""
        return {
            "PolicyName": self.name,
            "PolicyDocument": self.document,
            "PolicyRevisionId": str(self.revision),
            "LastUpdatedTime": self.updated_at,
        }


class ResourcePolicies:
    """The resource policies of one account and region."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_name: dict[str, ResourcePolicy] = {}
        self._last_revision = 0
        """Of all policies: one that is made again after it was deleted goes on, so that no id comes twice."""

    def all(self) -> list[ResourcePolicy]:
        """Return every policy."""
        return list(self._by_name.values())

    def put(self, name: str, document: str, revision_id: str | None, bypass_lockout: bool) -> ResourcePolicy:
        """Make or replace a policy.

        Raises:
            PolicySizeLimitExceededError, MalformedPolicyDocumentError, LockoutPreventionError,
            InvalidPolicyRevisionIdError, PolicyCountLimitExceededError: as the API has them.
        """
        if len(document.encode()) > POLICY_MAX_BYTES:
            raise PolicySizeLimitExceededError(f"A policy can have at most {POLICY_MAX_BYTES} bytes")
        statements = _statements(document)
        if not bypass_lockout and any(map(_locks_out, statements)):
            raise LockoutPreventionError("The policy would deny xray:PutResourcePolicy to its author")
        known = self._by_name.get(name)
        _check_revision(known, revision_id)
        if known is None and len(self._by_name) >= POLICIES_MAX:
            raise PolicyCountLimitExceededError(f"There can be at most {POLICIES_MAX} resource policies")
        self._last_revision += 1
        policy = ResourcePolicy(name, document, self._last_revision, self._clock())
        self._by_name[name] = policy
        return policy

    def delete(self, name: str, revision_id: str | None) -> None:
        """Delete a policy.

        Raises:
            InvalidRequestError: there is none of this name.
            InvalidPolicyRevisionIdError: it was changed since.
        """
        known = self._by_name.get(name)
        if known is None:
            raise InvalidRequestError(f"Resource policy not found: {name}")
        _check_revision(known, revision_id)
        del self._by_name[name]


def _check_revision(known: ResourcePolicy | None, revision_id: str | None) -> None:
    if revision_id is None:
        return
    current = CREATE_ONLY if known is None else str(known.revision)
    if revision_id != current:
        raise InvalidPolicyRevisionIdError(
            f"The policy revision id {revision_id} is not the current one, {current}"
        )


def _statements(document: str) -> list[dict[str, Any]]:
    try:
        policy = loads(document)
    except ValueError as error:
        raise MalformedPolicyDocumentError("The policy document isn't valid JSON") from error
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise MalformedPolicyDocumentError("The policy document has no Statement")
    for statement in statements:
        if (
            not isinstance(statement, dict)
            or statement.get("Effect") not in {"Allow", "Deny"}
            or "Principal" not in statement
            or not ({"Action", "NotAction"} & statement.keys())
        ):
            raise MalformedPolicyDocumentError("Each Statement needs Effect, Principal and Action")
    return statements


def _locks_out(statement: dict[str, Any]) -> bool:
    if statement["Effect"] != "Deny" or statement["Principal"] not in ("*", {"AWS": "*"}):
        return False
    actions = statement.get("Action", [])
    actions = actions if isinstance(actions, list) else [actions]
    return any(wildcard_match(str(action), _PUT) for action in actions)
