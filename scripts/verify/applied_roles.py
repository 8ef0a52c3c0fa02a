"""The roles that unit access has made, by its state: whether there are any, and whom each trusts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts import state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.terragrunt.render import Unit

UNIT = "access"
TASK = "task"


@dataclass(frozen=True)
class AppliedRole:
    """A role, and its trust policy as it was last applied."""

    name: str
    arn: str
    trust: Mapping[str, Any]


def applied_roles(unit: Unit) -> dict[str, AppliedRole]:
    """Return the roles by task, plan, apply and verify, of the environment that *unit* is of; empty for none.

    Raises one of ``aws.FAILURES`` where the state can't be read, ValueError or LookupError where it is none.
    """
    content = state.read_object(unit, unit.state_key.replace(f"/{unit.name}/", f"/{UNIT}/"))
    resources = json.loads(content)["resources"] if content else []
    return {
        str(instance.get("index_key", resource["name"])): _role(instance["attributes"])
        for resource in resources
        if resource["type"] == "aws_iam_role" and resource["mode"] == "managed"
        for instance in resource["instances"]
    }


def normal(policy: object) -> object:
    """Return *policy* in one form for all that mean the same: AWS gives lists of one as their only member."""
    if isinstance(policy, dict):
        return {key: normal(value) for key, value in policy.items()}
    if isinstance(policy, list):
        members = [normal(member) for member in policy]
        return (
            members[0]
            if len(members) == 1
            else sorted(members, key=lambda one: json.dumps(one, sort_keys=True))
        )
    return policy


def _role(attributes: Mapping[str, Any]) -> AppliedRole:
    return AppliedRole(attributes["name"], attributes["arn"], json.loads(attributes["assume_role_policy"]))
