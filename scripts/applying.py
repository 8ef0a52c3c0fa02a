"""Applying units: what is refused before, the run, and what is looked at after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import environment, filters, honeycomb_key, key_version, run_lock, secrets, session, state
from scripts.terragrunt import bootstrap, diagnosis, summary, units
from scripts.terragrunt.execution import execute

if TYPE_CHECKING:
    from contextlib import ExitStack

    from scripts.output import Output
    from scripts.session import Session


def prepare(
    environment_name: str, unit_choice: str, output: Output, running: ExitStack
) -> tuple[Session, str | None]:
    """Return the session and, where the key's unit is among its units, the Honeycomb key.

    What has to end with the command, a local one's provider process, goes into *running*.
    Raises OperatorError for all that can be refused before anything is planned.
    """
    opened = environment.load(environment_name)
    needs_key = units.KEY_UNIT in units.selected(opened, unit_choice)
    key = honeycomb_key.find(environment_name) if needs_key else None
    begun = session.begin(environment_name, unit_choice, output, running=running)
    filters.require_readable(begun.units, begun.environment)
    return begun, key


def apply(opened: Session, key: str | None) -> str:
    """Apply the session's units and return what was done, as one line.

    Raises OperatorError where it failed, was interrupted, or the key did not arrive in SSM.
    """
    name = opened.environment.name
    key_unit = opened.units.get(units.KEY_UNIT)
    with run_lock.held(name, "apply"):
        if not state.bucket_exists(opened.any_unit, opened.environment):
            with opened.output.step("the state bucket is made"):
                bootstrap.run(opened.environment, opened.any_unit.name, opened.output)
        opened.output.say(f"apply {name}: {', '.join(opened.units)}, account {opened.caller.account_id}")
        before = key_version.look(opened, key_unit) if key_unit else None
        outcome = execute(opened, "apply", bootstrap=True, key=key, input=False)
        diagnosis.require_success(opened, "apply", outcome)
        if key_unit is not None and before is not None:
            written = key_version.require_consistent(opened, key_unit, before)
            given = secrets.handed_over()
            if given is not None and not written:
                key_version.say_where_kept(opened, key_unit, given)
    return summary.done(opened.units, outcome.log.changes)
