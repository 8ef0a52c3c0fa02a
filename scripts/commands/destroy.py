"""``destroy``: remove the resources."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from scripts import approval, run_lock, session, state
from scripts.arguments import add_approval, add_environment, add_unit
from scripts.deploy import calls, local_process, removal
from scripts.deploy import names as naming
from scripts.deploy.locks import alone, alone_everywhere
from scripts.deploy.preparing import SERVICE
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.terragrunt import diagnosis, summary, units
from scripts.terragrunt.execution import execute
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from scripts.session import Session

SUMMARY = "Remove the resources, all of them where the backend is deployed; the state bucket stays."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the units and the approval."""
    add_environment(parser)
    add_unit(parser)
    add_approval(parser)


def run(arguments: Namespace) -> int:
    """Destroy; without a state bucket there is nothing to do."""
    approval.refuse(arguments.env, "destroy", arguments.approve)
    with ExitStack() as running:
        return _destroy(arguments, Output(), running)


def _destroy(arguments: Namespace, output: Output, running: ExitStack) -> int:
    opened = session.begin(arguments.env, arguments.unit, output, running=running)
    has_state = state.bucket_exists(opened.any_unit, opened.environment)
    whole = arguments.unit == units.ALL
    if has_state and not arguments.unit and removal.is_deployed(opened):
        output.say(f"destroy {arguments.env}: the backend is deployed there, so every unit goes")
        whole = True
        everything = units.selected(opened.environment, units.ALL)
        opened = replace(opened, units=render(opened.environment, everything))
    if has_state:
        removal.require_nobody_on(opened)
    approval.ask(arguments.env, "destroy", arguments.approve)
    if not has_state:
        output.summary(f"destroy {arguments.env}: nothing to destroy, there is no state bucket")
        return 0
    if whole or SERVICE in opened.units:
        with alone(arguments.env, "destroy"), alone_everywhere(opened, "destroy"):
            said = _with_service(opened, whole=whole)
    else:
        said = _terragrunt(opened)
    output.summary(f"destroy {arguments.env}: {said}")
    return 0


def _with_service(opened: Session, *, whole: bool) -> str:
    """Destroy the service too: what runs of it here ends first, and what Terraform leaves of it goes last."""
    local = opened.environment.is_local
    names, clients = naming.of(opened.any_unit), calls.aws(opened.caller.region)
    kept = removal.with_resources(opened.units, local=local) if whole else opened.units
    removal.require_empty_registry(clients, names, kept, local=local)
    if local:
        ended = local_process.stop()
        if ended is not None:
            opened.output.say(f"the deployed backend has ended (process {ended.pid})")
        local_process.clean_up()
    said = [_terragrunt(replace(opened, units=kept))] if kept else []
    try:
        with calls.patience(opened.output.say):
            definitions = removal.remove_definitions(clients, names, local=local)
    except OperatorError as error:
        rest = f"`make destroy ENV={opened.environment.name} UNIT={SERVICE}` removes what is left"
        raise OperatorError(
            f"the units are destroyed, and not all task definitions of {names.family} are: {error.message}",
            remedy=f"{error.remedy}; then {rest}",
        ) from error
    if definitions:
        said.append(f"{definitions} task definitions of {names.family} removed")
    return "; ".join(said) or "nothing to destroy, no unit has resources"


def _terragrunt(opened: Session) -> str:
    name = opened.environment.name
    opened.output.say(f"destroy {name}: {', '.join(opened.units)}, account {opened.caller.account_id}")
    with run_lock.held(name, "destroy"):
        outcome = execute(opened, "destroy", input=False)
    diagnosis.require_success(opened, "destroy", outcome)
    return summary.done(opened.units, outcome.log.changes)
