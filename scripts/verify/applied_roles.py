"""The roles that unit access has made, by its state: whether there are any, whom each trusts, what it may."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts import state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scripts.terragrunt.render import Unit

UNIT = "access"
TASK = "task"


@dataclass(frozen=True)
class AppliedRole:
    """A role, its trust policy, and its inline policies by name, as they were last applied."""

    name: str
    arn: str
    trust: Mapping[str, Any]
    inline: Mapping[str, Any]


def applied_roles(unit: Unit) -> dict[str, AppliedRole]:
    """Return the roles by task, plan, apply and verify, of the environment that *unit* is of; empty for none.

    Raises one of ``aws.FAILURES`` where the state can't be read, ValueError or LookupError where it is none.
    """
    content = state.read_object(unit, unit.state_key.replace(f"/{unit.name}/", f"/{UNIT}/"))
    resources = json.loads(content)["resources"] if content else []
    inline: dict[str, dict[str, Any]] = {}
    for _, attributes in _instances(resources, "aws_iam_role_policy"):
        inline.setdefault(attributes["role"], {})[attributes["name"]] = json.loads(attributes["policy"])
    return {
        key: AppliedRole(
            attributes["name"],
            attributes["arn"],
            json.loads(attributes["assume_role_policy"]),
            inline.get(attributes["name"], {}),
        )
        for key, attributes in _instances(resources, "aws_iam_role")
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


def _instances(resources: Sequence[Mapping[str, Any]], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the attributes of each managed resource of *kind*, with its key, or its name where it is one."""
    for resource in resources:
        if resource["type"] == kind and resource["mode"] == "managed":
            for instance in resource["instances"]:
                yield str(instance.get("index_key", resource["name"])), instance["attributes"]
