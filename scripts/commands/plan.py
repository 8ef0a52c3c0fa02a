"""``plan``: what apply would change."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import filters, paths, run_lock, session, state
from scripts.arguments import add_environment, add_unit
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.terragrunt import diagnosis, summary
from scripts.terragrunt.execution import execute

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

SUMMARY = "Show what apply would change; makes nothing, not even the state bucket."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the units and the folder for documents."""
    add_environment(parser)
    add_unit(parser)
    parser.add_argument("--out", default="", help="a folder for each unit's plan as JSON: <unit>.json")


def run(arguments: Namespace) -> int:
    """Plan; 0 with or without changes."""
    with ExitStack() as running:
        return _plan(arguments, Output(), running)


def _plan(arguments: Namespace, output: Output, running: ExitStack) -> int:
    opened = session.begin(arguments.env, arguments.unit, output, running=running)
    filters.require_readable(opened.units, opened.environment)
    state.require_bucket(opened.any_unit, opened.environment, "plan")
    output.say(f"plan {arguments.env}: {', '.join(opened.units)}, account {opened.caller.account_id}")
    written = _room(arguments.out, opened.units, running) if arguments.out else None
    with run_lock.held(arguments.env, "plan"):
        outcome = execute(opened, "plan", json_plans=written, input=False)
    diagnosis.require_success(opened, "plan", outcome)
    if written is not None:
        _keep(written, opened.units, output)
    output.summary(f"plan {arguments.env}: {summary.planned(opened.units, outcome.log.changes)}")
    return 0


def _room(out: str, units: Iterable[str], running: ExitStack) -> Path:
    """Return a folder in *out* for what is planned now, gone at the end; *units*' earlier plans go first.

    A plan holds sensitive values in clear: folder and files are their owner's alone.
    """
    folder = Path(out).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for unit in units:
            (folder / f"{unit}.json").unlink(missing_ok=True)
        return Path(running.enter_context(tempfile.TemporaryDirectory(prefix=".plan-", dir=folder)))
    except OSError as error:
        raise OperatorError(
            f"{paths.shown(folder)} can't take the plans ({error.strerror})", remedy="choose another OUT"
        ) from error


def _keep(written: Path, units: Iterable[str], output: Output) -> None:
    folder = written.parent
    for unit in units:
        plan = written / unit / "tfplan.json"
        plan.chmod(0o600)
        plan.replace(folder / f"{unit}.json")
    output.say(f"the plans as JSON are in {paths.shown(folder)}: they hold sensitive values in clear")
