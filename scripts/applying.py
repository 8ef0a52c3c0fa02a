"""Applying units: what is refused before, the run, and what is looked at after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import environment, honeycomb_key, key_version, preflight, run_lock, state
from scripts.session import Session
from scripts.terragrunt import bootstrap, diagnosis, summary, units
from scripts.terragrunt.execution import execute
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from scripts.output import Output


def prepare(environment_name: str, unit_choice: str, output: Output) -> tuple[Session, str | None]:
    """Return the session and, where the key's unit is among its units, the Honeycomb key.

    Raises OperatorError for all that can be refused before anything is planned.
    """
    opened = environment.load(environment_name)
    names = units.selected(opened, unit_choice)
    rendered = render(opened, names)
    key = honeycomb_key.find(environment_name) if units.KEY_UNIT in names else None
    caller = preflight.check(opened, next(iter(rendered.values())).target)
    return Session(opened, rendered, caller, output), key


def apply(session: Session, key: str | None) -> str:
    """Apply the session's units and return what was done, as one line.

    Raises OperatorError where it failed, was interrupted, or the key did not arrive in SSM.
    """
    name = session.environment.name
    key_unit = session.units.get(units.KEY_UNIT)
    with run_lock.held(name, "apply"):
        if not state.bucket_exists(session.any_unit, session.environment):
            with session.output.step("the state bucket is made"):
                bootstrap.run(session.environment, session.any_unit.name, session.output)
        session.output.say(f"apply {name}: {', '.join(session.units)}, account {session.caller.account_id}")
        before = key_version.look(session, key_unit) if key_unit else None
        outcome = execute(session, "apply", bootstrap=True, key=key, input=False)
        if outcome.interrupted:
            raise diagnosis.interruption(session, "apply")
        if outcome.code != 0:
            raise diagnosis.failure(session, "apply", outcome)
        if key_unit is not None and before is not None:
            key_version.require_written(session, key_unit, before)
    return summary.done(session.units, outcome.log.changes)
