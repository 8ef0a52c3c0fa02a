"""Destroying what was deployed: which units hold something, and what Terraform leaves behind."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from scripts import state
from scripts.deploy import calls
from scripts.deploy.preparing import REGISTRY, SERVICE
from scripts.deploy.rollout import revision
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names
    from scripts.session import Session
    from scripts.terragrunt.render import Unit

DEPLOYMENT = ("network", REGISTRY, SERVICE, "alarms")
STOOD_ON = ("network", REGISTRY)  # what the service can't do without
DELETED_AT_ONCE_MAX = 10


def is_deployed(opened: Session) -> bool:
    """Tell whether one of the units that a deployment adds has resources. Raises OperatorError.

    Not the service's alone: a destroy that was cut short leaves what the service stood on.
    """
    unit, local = opened.any_unit, opened.environment.is_local
    keys = [unit.state_key.replace(f"/{unit.name}/", f"/{name}/") for name in DEPLOYMENT]
    return any(_holds(unit, key, local=local) for key in keys)


def require_nobody_on(opened: Session) -> None:
    """Raise OperatorError where the service is to lose what it stands on, and stay itself.

    AWS refuses to delete a load balancer's subnets only after the way out of all tasks is gone.
    """
    taken = [name for name in STOOD_ON if name in opened.units]
    if not taken or SERVICE in opened.units:
        return
    unit, name = opened.any_unit, opened.environment.name
    key = unit.state_key.replace(f"/{unit.name}/", f"/{SERVICE}/")
    if _holds(unit, key, local=opened.environment.is_local):
        raise OperatorError(
            f"unit {SERVICE} stands on {' and '.join(taken)}, and has resources",
            remedy=f"run `make destroy ENV={name} UNIT={SERVICE}` first, or UNIT=all",
        )


def with_resources(units: Mapping[str, Unit], *, local: bool) -> dict[str, Unit]:
    """Return the units that hold something, as their states say. Raises OperatorError.

    After a destroy that was cut short, the others' outputs are gone, which some units can't do without.
    """
    return {name: unit for name, unit in units.items() if _holds(unit, unit.state_key, local=local)}


def _holds(unit: Unit, key: str, *, local: bool) -> bool:
    return has_resources(calls.called(lambda: state.read_object(unit, key), local=local))


def has_resources(content: bytes | None) -> bool:
    """Tell whether a state holds a resource of its own; data it only read is none."""
    if content is None:
        return False
    found = json.loads(content).get("resources", [])
    return any(one.get("mode") == "managed" and one.get("instances") for one in found)


def require_empty_registry(aws: Aws, names: Names, units: Mapping[str, Unit], *, local: bool) -> None:
    """Raise OperatorError where the registry holds images, and its unit may not remove them."""
    if REGISTRY not in units or units[REGISTRY].target.settings.get("registry_force_delete"):
        return

    def call() -> int:
        try:
            found = aws.ecr.describe_images(repositoryName=names.repository)["imageDetails"]
        except aws.ecr.exceptions.RepositoryNotFoundException:
            return 0
        return len(found)

    count = calls.called(call, local=local)
    if count:
        raise OperatorError(
            f"the repository {names.repository} holds images ({count} or more), and destroy would lose them",
            remedy="set registry_force_delete = true in env.hcl and apply unit registry, or delete them",
        )


def remove_definitions(aws: Aws, names: Names, *, local: bool) -> int:
    """Deregister and delete every task definition of the service's family; return how many there were.

    The stack leaves them, for a service goes back to an earlier one. Raises OperatorError.
    """
    active, retired = (_definitions(aws, names, status, local=local) for status in ("ACTIVE", "INACTIVE"))
    for arn in active:
        calls.called(partial(aws.ecs.deregister_task_definition, taskDefinition=arn), local=local)
    for some in _chunks([*active, *retired]):
        calls.called(partial(aws.ecs.delete_task_definitions, taskDefinitions=some), local=local)
    return len(active) + len(retired)


def _definitions(aws: Aws, names: Names, status: str, *, local: bool) -> list[str]:
    def call() -> list[str]:
        listed = aws.ecs.get_paginator("list_task_definitions")
        pages = listed.paginate(familyPrefix=names.family, status=status)
        return [arn for page in pages for arn in page["taskDefinitionArns"] if _is_of(names, arn)]

    return calls.called(call, local=local)


def _is_of(names: Names, arn: str) -> bool:
    return revision(arn)[0] == names.family


def _chunks(arns: list[str]) -> Iterable[list[str]]:
    return (arns[at : at + DELETED_AT_ONCE_MAX] for at in range(0, len(arns), DELETED_AT_ONCE_MAX))
