"""What a deployment of its own units alone stands on: that every other unit has been applied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scripts import state
from scripts.aws import clients
from scripts.deploy import calls
from scripts.deploy.preparing import DEPLOYMENT
from scripts.deploy.removal import has_resources
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.session import Session
    from scripts.terragrunt.render import Unit

_DENIED = {"AccessDenied", "403"}


def require(opened: Session) -> None:
    """Raise OperatorError where a unit other than the deployment's holds nothing.

    A state that may not be read, as the role that deploys reads few, counts as soon as it is there.
    """
    local, name = opened.environment.is_local, opened.environment.name
    others = [unit for unit in opened.units.values() if unit.name not in DEPLOYMENT]

    def look() -> list[str]:
        if not state.bucket_exists(opened.any_unit, opened.environment):
            return [unit.name for unit in others]
        there = _keys(opened.any_unit)
        return [unit.name for unit in others if unit.state_key not in there or not _holds(unit)]

    missing = calls.called(look, local=local)
    if missing:
        names, are = ", ".join(missing), "was" if len(missing) == 1 else "were"
        raise OperatorError(
            f"ONLY=deployment applies {_listed(DEPLOYMENT)}, and {names} {are} not applied to {name}",
            remedy=f"run `make apply ENV={name} UNIT={missing[0] if len(missing) == 1 else 'all'}` "
            f"with rights to it, or `make deploy ENV={name}` without ONLY",
        )


def _keys(unit: Unit) -> set[str]:
    """Return the keys of all states that the environment has."""
    prefix = unit.state_key.removesuffix(f"{unit.name}/terraform.tfstate")
    pages = clients(unit.state_region).s3().get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=unit.bucket, Prefix=prefix)
    return {str(one["Key"]) for page in found for one in page.get("Contents", [])}


def _holds(unit: Unit) -> bool:
    """Tell whether the unit is applied: it has resources, or outputs, as with an existing network alone."""
    try:
        content = state.read_object(unit, unit.state_key)
        return has_resources(content) or bool(content and json.loads(content).get("outputs"))
    except ClientError as error:
        if calls.code(error) in _DENIED:
            return True
        raise


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last} alone"
