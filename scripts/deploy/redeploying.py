"""New tasks after a new key: ECS gives a container its secrets when it starts, and not again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scripts import applying, state
from scripts.deploy import calls, locks, parameter, rollout, service
from scripts.deploy import names as naming
from scripts.deploy.history import NONE
from scripts.deploy.preparing import SERVICE
from scripts.deploy.rollout import Kind
from scripts.deploy.waiting import Watch
from scripts.errors import OperatorError
from scripts.terragrunt.render import render
from scripts.terragrunt.units import available

if TYPE_CHECKING:
    from scripts.session import Session

COLLECTOR = "collector"


def require_free(opened: Session) -> None:
    """Raise OperatorError where tasks are to get the new key, and another deployment is under way."""
    if _concerns(opened) and state.bucket_exists(opened.any_unit, opened.environment):
        locks.require_free(opened)


def after_rotation(opened: Session) -> str:
    """Have the service's tasks replaced by ones with the new key, and say so; empty where none has it.

    The key's version is a variable of the collector's container: a new one makes a new task definition. In
    direct mode the backend itself takes a new key up. Raises OperatorError where the tasks don't become
    steady.
    """
    environment, unit = opened.environment, opened.any_unit
    if not _concerns(opened):
        return ""
    names, aws, local = naming.of(unit), calls.aws(opened.caller.region), environment.is_local
    before = calls.called(lambda: service.look(aws, names), local=local)
    if before is None:
        return ""
    image = parameter.read(aws, names, local=local) or NONE
    again = f"make deploy ENV={environment.name} IMAGE={image}"
    opened.output.say(f"{names.service}: its collectors get the new key with new tasks")
    command = "rotate-honeycomb-key"
    with locks.alone(environment.name, command), locks.alone_everywhere(opened, command):
        applying.apply(replace(opened, units=render(environment, [SERVICE])), None)
        definition = service.newest(aws, names, local=local)
        if definition is None:
            raise OperatorError(f"ECS has no task definition {names.family}", remedy=f"run `{again}`")
        known = rollout.known_events(before)
        ended = Watch(aws, names, definition.arn, known, opened.output, local, again).wait()
    if ended.kind is not Kind.STEADY:
        raise OperatorError(
            f"the tasks that were to get the new key are {ended.kind}",
            remedy=f"look at the lines above, keep the old key valid, and run `{again}`",
        )
    return f"; {rollout.short(definition.arn)} runs with it"


def _concerns(opened: Session) -> bool:
    is_held = opened.any_unit.target.settings.get("tracing_mode") == COLLECTOR
    return is_held and SERVICE in available(opened.environment)
