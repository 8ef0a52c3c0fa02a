"""What a unit's state holds already: the addresses, and of a group the ARN that it was made with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripts import state
from scripts.adopt.things import Address
from scripts.errors import OperatorError
from scripts.terragrunt import diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.terragrunt.render import Unit

Held = dict[Address, str]
"""ARNs by address, empty where a resource has none."""


def of(unit: Unit) -> Held:
    """Return what *unit*'s state holds; nothing where it was never applied.

    Raises OperatorError where what is there is no state, and ``aws.FAILURES`` where it can't be read.
    """
    content = state.read_object(unit, unit.state_key)
    if content is None:
        return {}
    try:
        return parse(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorError(
            f"the state of {unit.name} in {unit.bucket} can't be read ({type(error).__name__})",
            remedy=f"look at s3://{unit.bucket}/{unit.state_key}, whose older versions the bucket has",
        ) from error


def parse(document: Mapping[str, Any]) -> Held:
    """Return the managed resources of a state (version 4), tainted ones too."""
    held: Held = {}
    for resource in document["resources"]:
        if resource["mode"] != "managed":
            continue
        for instance in resource["instances"]:
            address = Address(resource["type"], resource["name"], instance.get("index_key"))
            held[address] = str((instance.get("attributes") or {}).get("arn") or "")
    return held


def require_unlocked(units: Iterable[Unit], environment_name: str) -> None:
    """Raise OperatorError where a state is locked: what it holds is about to change."""
    holders = state.lock_holders(units)
    if holders:
        raise OperatorError(
            f"the state is locked: {'; '.join(str(holder) for holder in holders)}",
            remedy=diagnosis.unlocking(environment_name, holders[0].lock_id),
        )
