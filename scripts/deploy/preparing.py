"""What a deployment begins with: all units, the names, the clients, and Honeycomb's key where needed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scripts import filters, honeycomb_key, key_version, secrets, session, state
from scripts.deploy import calls, locks
from scripts.deploy import names as naming
from scripts.errors import OperatorError
from scripts.terragrunt import diagnosis, units

if TYPE_CHECKING:
    from contextlib import ExitStack

    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names
    from scripts.output import Output
    from scripts.session import Session

REGISTRY, SERVICE, ALARMS = "registry", "service", "alarms"
DEPLOYMENT = (REGISTRY, SERVICE, ALARMS)
"""What a deployment alone applies: all else is there, and none of a deployment's rights."""
_NEEDED = (*DEPLOYMENT, "network")


@dataclass(frozen=True)
class Work:
    """One deployment's surroundings: the units that it applies, and names and clients.

    ``key`` is Honeycomb's, None where SSM has it already; ``only`` tells that other units are not applied.
    """

    session: Session
    names: Names
    aws: Aws
    key: str | None = field(repr=False)
    only: bool = False

    @property
    def is_local(self) -> bool:
        """Tell whether the local cloud stands for AWS."""
        return self.session.environment.is_local

    @property
    def environment_name(self) -> str:
        """The environment's name."""
        return self.session.environment.name

    @property
    def output(self) -> Output:
        """What the command prints with."""
        return self.session.output

    def of(self, *names: str) -> Session:
        """Return the session with these units alone."""
        return replace(self.session, units={name: self.session.units[name] for name in names})


def prepare(environment_name: str, output: Output, running: ExitStack, *, only: bool = False) -> Work:
    """Return what a deployment works with. *running* gets what has to end with the command.

    With *only*, its units are the deployment's alone.

    Raises OperatorError for all that can be refused before anything is planned or changed.
    """
    begun = session.begin(environment_name, units.ALL, output, running=running)
    missing = [name for name in _NEEDED if name not in begun.units]
    if missing:
        raise OperatorError(
            f"{environment_name} has no unit {', '.join(missing)}",
            remedy="add it as the other environments have it",
        )
    filters.require_readable(begun.units, begun.environment)
    key = None if only else _key(begun)
    if only:
        # Here, for that module builds on this one.
        from scripts.deploy import prerequisites

        prerequisites.require(begun)
        begun = replace(begun, units={name: begun.units[name] for name in DEPLOYMENT})
    return Work(begun, naming.of(begun.any_unit), calls.aws(begun.caller.region), key, only)


def require_unlocked(work: Work) -> None:
    """Raise OperatorError where another run, on whatever machine, holds the lock of one of the states.

    Terraform would refuse as well, but only once the image parameter says what that run did not mean.
    """

    def look() -> list[state.Holder]:
        if not state.bucket_exists(work.session.any_unit, work.session.environment):
            return []
        return state.lock_holders(work.session.units.values())

    holders = calls.called(look, local=work.is_local)
    if holders:
        raise OperatorError(
            f"another run works on {work.environment_name}: the state of {holders[0]} is locked",
            remedy=diagnosis.unlocking(work.environment_name, holders[0].lock_id),
        )


def require_alone(work: Work) -> None:
    """Raise OperatorError where another deployment to the environment is under way, or another run."""
    if state.bucket_exists(work.session.any_unit, work.session.environment):
        locks.require_free(work.session)
    require_unlocked(work)


def _key(begun: Session) -> str | None:
    """Return the key to write, None where there is one in SSM and none is given. Raises OperatorError."""
    name = begun.environment.name
    if begun.environment.is_local or secrets.handed_over() is not None:
        return honeycomb_key.find(name)
    if key_version.look(begun, begun.units[units.KEY_UNIT]).ssm > 0:
        return None
    raise OperatorError(
        f"{secrets.KEY_VARIABLE} is not set, and SSM has no Honeycomb key for {name} yet",
        remedy=f"export {secrets.KEY_VARIABLE}; later deployments don't need it",
    )
