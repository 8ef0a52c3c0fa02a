"""The Terraform state in S3, as far as a command has to look at it itself: is it there, who locks it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scripts.aws import clients
from scripts.errors import OperatorError, explain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.environment import Environment
    from scripts.terragrunt.render import Unit

_MISSING = {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class Holder:
    """Who holds a state's lock, as Terraform wrote it into the lock file."""

    unit: str
    lock_id: str
    who: str
    operation: str
    created: str

    def __str__(self) -> str:
        return f"{self.unit} by {self.who} ({self.operation}) since {self.created}"


def bucket_exists(unit: Unit, environment: Environment) -> bool:
    """Tell whether the state bucket is there. Raises OperatorError where that can't be found out."""
    try:
        clients(unit.state_region).s3().head_bucket(Bucket=unit.bucket)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            return False
        if code in {"301", "400", "403"}:
            raise OperatorError(
                f"the state bucket {unit.bucket} is there, but not for these credentials in "
                f"{unit.state_region} (HTTP {code})",
                remedy="check the account, the bucket's region and the right s3:ListBucket on it",
            ) from error
        raise explain(error, local=environment.is_local) from error
    return True


def require_bucket(unit: Unit, environment: Environment, command: str) -> None:
    """Raise OperatorError with the remedy where the state bucket does not exist."""
    if not bucket_exists(unit, environment):
        remedy = "run `make local-up`" if environment.is_local else f"run `make apply ENV={environment.name}`"
        raise OperatorError(
            f"the state bucket {unit.bucket} does not exist, and {command} does not make it", remedy=remedy
        )


def read_object(unit: Unit, key: str) -> bytes | None:
    """Return the object *key* of the unit's state bucket, or None where there is none."""
    try:
        return clients(unit.state_region).s3().get_object(Bucket=unit.bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise


def lock_holders(units: Iterable[Unit]) -> list[Holder]:
    """Return who holds the locks of *units*' states; empty where all are free."""
    holders = []
    for unit in units:
        content = read_object(unit, f"{unit.state_key}.tflock")
        if content is not None:
            lock = json.loads(content)
            holders.append(
                Holder(
                    unit.name,
                    str(lock.get("ID", "?")),
                    str(lock.get("Who", "?")),
                    str(lock.get("Operation", "?")),
                    str(lock.get("Created", "?")),
                )
            )
    return holders
