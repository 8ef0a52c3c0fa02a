"""Freeing a lock whose holder died, of a unit's state or of a deployment, by the id that it was told with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scripts import state
from scripts.aws import FAILURES, clients
from scripts.deploy import locks
from scripts.deploy.calls import code
from scripts.errors import OperatorError, explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.session import Session


@dataclass(frozen=True)
class Held:
    """A lock that somebody holds: what it locks, its key in the state bucket, a deployment's with version."""

    what: str
    key: str
    version: str = ""


def held(opened: Session) -> dict[str, Held]:
    """Return what is locked, by the locks' ids. Raises OperatorError where AWS can't be asked."""
    unit = opened.any_unit
    try:
        found = {
            one.lock_id: Held(f"the state of {one}", f"{opened.units[one.unit].state_key}.tflock")
            for one in state.lock_holders(opened.units.values())
        }
        deployment = locks.read(clients(unit.state_region).s3(), unit)
    except FAILURES as error:
        raise explain(error, local=opened.environment.is_local) from error
    lock, version = deployment or (None, "")
    if lock is not None:
        found[lock.id] = Held(f"the deployment, {lock}", locks.key(unit), version)
    return found


def require(found: Mapping[str, Held], lock_id: str, environment_name: str) -> Held:
    """Return what *lock_id* locks. Raises OperatorError, with the locks that there are, where it is none."""
    if lock_id in found:
        return found[lock_id]
    there = "; ".join(f"{known} is {one.what}" for known, one in found.items())
    asked = f"has no lock {lock_id}" if lock_id else "is to be unlocked, and LOCK is not given"
    raise OperatorError(
        f"{environment_name} {asked}",
        remedy=f"give LOCK=<id> of one that is there: {there}" if there else "nothing is locked, go on",
    )


def free(opened: Session, lock_id: str) -> None:
    """Free what *lock_id* locks, if it still does. Raises OperatorError, also where it is another's by now.

    It is looked at once more: while somebody was asked, its holder may have ended, and another begun.
    """
    unit, s3 = opened.any_unit, clients(opened.any_unit.state_region).s3()
    name = opened.environment.name
    wanted = require(held(opened), lock_id, name)
    try:
        if wanted.version:
            locks.free(s3, unit, wanted.version)
        else:
            s3.delete_object(Bucket=unit.bucket, Key=wanted.key)
    except FAILURES as error:
        if isinstance(error, ClientError) and code(error) in locks.TAKEN | locks.MISSING:
            raise OperatorError(
                f"the lock {lock_id} is another's by now, or free",
                remedy=f"run `make unlock ENV={name}` to see which there are",
            ) from error
        raise explain(error, local=opened.environment.is_local) from error
