"""Did the Honeycomb key arrive in SSM: its own version has to rise whenever Terraform's number does.

After a failed write the state already holds the new number, and the next apply would change nothing while
SSM still has the old key. So SSM's word counts, not the state's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts import honeycomb_key, secrets, state
from scripts.aws import FAILURES, clients
from scripts.errors import OperatorError, explain
from scripts.verify import expected

if TYPE_CHECKING:
    from scripts.session import Session
    from scripts.terragrunt.render import Unit


@dataclass(frozen=True)
class Versions:
    """The parameter's version in SSM (0 where there is none), and the number that the state holds."""

    ssm: int
    state: int | None


def look(session: Session, unit: Unit) -> Versions:
    """Return the versions as they are now. Raises OperatorError where they can't be read."""
    try:
        return Versions(_in_ssm(session, expected.key(unit).name), _in_state(unit))
    except FAILURES as error:
        raise explain(error, local=session.environment.is_local) from error


def require_consistent(session: Session, unit: Unit, before: Versions) -> bool:
    """Return whether the key was written since *before*: whether SSM's version has risen.

    Raises OperatorError where it has not, and the state's number has changed all the same.
    """
    after = look(session, unit)
    if after.state != before.state and after.ssm <= before.ssm:
        raise OperatorError(
            f"the state holds a new key version, but SSM's {expected.key(unit).name} is still {after.ssm}",
            remedy=f"run `make rotate-honeycomb-key ENV={session.environment.name}`",
        )
    return after.ssm > before.ssm


def say_where_kept(session: Session, unit: Unit, given: str) -> None:
    """Say that SSM keeps its key although *given* was handed over; nothing where both are the same.

    Who applies this unit may decrypt, as a rule. Who may not is told without the keys being compared.
    """
    rotate = f"run `make rotate-honeycomb-key ENV={session.environment.name}`"
    try:
        stored = _decrypted(session, expected.key(unit).name)
    except FAILURES:
        session.output.say(f"the key in SSM was not replaced: {rotate} to write another")
        return
    if stored == given:
        return
    if (honeycomb_key.kind(stored or ""), honeycomb_key.kind(given)) == ("ingest", "configuration"):
        session.output.say(
            f"{secrets.KEY_VARIABLE} is a configuration key, and SSM's ingest key was not replaced: "
            f"export it as {secrets.CONFIGURATION_VARIABLE}, which Honeycomb is asked with"
        )
    else:
        session.output.say(
            f"the key in SSM is not {secrets.KEY_VARIABLE} and was not replaced: {rotate} to write it"
        )


def _in_ssm(session: Session, name: str) -> int:
    client = clients(session.caller.region).ssm()
    found = client.get_parameters(Names=[name], WithDecryption=False)["Parameters"]
    return found[0]["Version"] if found else 0


def _decrypted(session: Session, name: str) -> str | None:
    client = clients(session.caller.region).ssm()
    found = client.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
    if not found:
        return None
    secrets.remember(found[0]["Value"])
    return found[0]["Value"].strip()


def _in_state(unit: Unit) -> int | None:
    content = state.read_object(unit, unit.state_key)
    if content is None:
        return None
    for resource in json.loads(content).get("resources", []):
        if resource.get("mode") == "managed" and resource.get("type") == "aws_ssm_parameter":
            for instance in resource.get("instances", []):
                number = instance.get("attributes", {}).get("value_wo_version")
                return None if number is None else int(number)
    return None
