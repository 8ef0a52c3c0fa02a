"""``destroy``: remove the resources."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scripts import approval, run_lock, session, state
from scripts.arguments import add_approval, add_environment, add_unit
from scripts.output import Output
from scripts.terragrunt import diagnosis, summary
from scripts.terragrunt.execution import execute

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Remove the resources; the state bucket stays."


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
    approval.ask(arguments.env, "destroy", arguments.approve)
    if not state.bucket_exists(opened.any_unit, opened.environment):
        output.summary(f"destroy {arguments.env}: nothing to destroy, there is no state bucket")
        return 0
    output.say(f"destroy {arguments.env}: {', '.join(opened.units)}, account {opened.caller.account_id}")
    with run_lock.held(arguments.env, "destroy"):
        outcome = execute(opened, "destroy", input=False)
    diagnosis.require_success(opened, "destroy", outcome)
    output.summary(f"destroy {arguments.env}: {summary.done(opened.units, outcome.log.changes)}")
    return 0
