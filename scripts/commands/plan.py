"""``plan``: what apply would change."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scripts import filters, run_lock, session, state
from scripts.arguments import add_environment, add_unit
from scripts.output import Output
from scripts.terragrunt import diagnosis, summary
from scripts.terragrunt.execution import execute

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Show what apply would change; makes nothing, not even the state bucket."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment and the units."""
    add_environment(parser)
    add_unit(parser)


def run(arguments: Namespace) -> int:
    """Plan; 0 with or without changes."""
    with ExitStack() as running:
        return _plan(arguments, Output(), running)


def _plan(arguments: Namespace, output: Output, running: ExitStack) -> int:
    opened = session.begin(arguments.env, arguments.unit, output, running=running)
    filters.require_readable(opened.units, opened.environment)
    state.require_bucket(opened.any_unit, opened.environment, "plan")
    output.say(f"plan {arguments.env}: {', '.join(opened.units)}, account {opened.caller.account_id}")
    with run_lock.held(arguments.env, "plan"):
        outcome = execute(opened, "plan", input=False)
    diagnosis.require_success(opened, "plan", outcome)
    output.summary(f"plan {arguments.env}: {summary.planned(opened.units, outcome.log.changes)}")
    return 0
