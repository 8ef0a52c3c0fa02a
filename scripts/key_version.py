"""Did the Honeycomb key arrive in SSM: its own version has to rise whenever Terraform's number does.

After a failed write the state already holds the new number, and the next apply would change nothing while
SSM still has the old key. So SSM's word counts, not the state's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from scripts import state
from scripts.aws import clients
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
    except (ClientError, BotoCoreError) as error:
        raise explain(error, local=session.environment.is_local) from error


def require_written(session: Session, unit: Unit, before: Versions) -> None:
    """Raise OperatorError where the state's number has changed since *before* and SSM's version has not."""
    after = look(session, unit)
    if after.state != before.state and after.ssm <= before.ssm:
        raise OperatorError(
            f"the state holds a new key version, but SSM's {expected.key(unit).name} is still {after.ssm}",
            remedy=f"run `make rotate-honeycomb-key ENV={session.environment.name}`",
        )


def _in_ssm(session: Session, name: str) -> int:
    client = clients(session.caller.region).ssm()
    found = client.get_parameters(Names=[name], WithDecryption=False)["Parameters"]
    return found[0]["Version"] if found else 0


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
