"""One deployment at a time to one environment: in this checkout by a file, elsewhere by an object in S3.

The object lies beside the service's state and holds off other machines from the image parameter's change to
the end of the rollout, in which no state is locked. S3 writes it only over what was seen there ("How to
prevent object overwrites with conditional writes", Amazon S3 User Guide). Free, it says nothing: a role that
deploys may write there, and remove little. It is encrypted by S3's own key, as the states are: that role may
decrypt nothing, and a bucket's default may be a key of KMS. What a killed command leaves is taken over on the
same machine; on another one `make unlock` frees it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from scripts import run_lock
from scripts.aws import FAILURES, clients
from scripts.deploy.calls import code
from scripts.deploy.lock_file import Lock
from scripts.errors import OperatorError, explain
from scripts.terragrunt import diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client

    from scripts.session import Session
    from scripts.terragrunt.render import Unit

UNIT, SUFFIX = "service", ".deployment"
FREE = b"{}"
ENCRYPTION: Literal["AES256"] = "AES256"
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
MISSING = {"NoSuchKey", "404"}


@contextmanager
def alone(environment_name: str, command: str) -> Iterator[None]:
    """Hold this checkout's lock on deployments to *environment_name* while the block runs.

    It is another one than that of a run of Terragrunt, which each of those takes for itself: who waits for a
    rollout stops no plan. Raises OperatorError, which names the holder, where another has it.
    """
    with run_lock.held(f"{environment_name}-deployment", command):
        yield


@contextmanager
def alone_everywhere(opened: Session, command: str) -> Iterator[None]:
    """Hold the environment's lock on deployments, which every machine sees, while the block runs.

    The state bucket has to be there. Raises OperatorError, which names the holder, where another has it.
    """
    lock, unit = Lock.of_this_process(command), opened.any_unit
    try:
        _take(opened, lock)
    except FAILURES as error:
        raise explain(error, local=opened.environment.is_local) from error
    try:
        yield
    finally:
        _give_back(unit, lock, opened.environment.name, opened.output.say)


def require_free(opened: Session) -> None:
    """Raise OperatorError, which names the holder, where another deployment has the environment's lock.

    The state bucket has to be there.
    """
    try:
        found = read(clients(opened.any_unit.state_region).s3(), opened.any_unit)
    except FAILURES as error:
        raise explain(error, local=opened.environment.is_local) from error
    holder = found[0] if found is not None else None
    if holder is not None and not holder.is_dead:
        raise held_by_another(holder, opened.environment.name)


def key(unit: Unit) -> str:
    """Return the lock's key in the state bucket: beside the service's state."""
    return f"{unit.state_key.replace(f'/{unit.name}/', f'/{UNIT}/')}{SUFFIX}"


def held_by_another(lock: Lock, environment_name: str) -> OperatorError:
    """Return that *lock* is another's."""
    return OperatorError(
        f"another deployment to {environment_name} is under way: {lock}",
        remedy=diagnosis.unlocking(environment_name, lock.id),
    )


def _take(opened: Session, lock: Lock) -> None:
    unit, s3 = opened.any_unit, clients(opened.any_unit.state_region).s3()
    while not _put(s3, unit, lock, IfNoneMatch="*"):
        found = read(s3, unit)
        if found is None:
            continue
        holder, version = found
        if holder is not None and not holder.is_dead:
            raise held_by_another(holder, opened.environment.name)
        if _put(s3, unit, lock, IfMatch=version):
            if holder is not None:
                opened.output.say(f"{holder} was killed on this machine: its lock is taken over")
            return


def _put(s3: S3Client, unit: Unit, lock: Lock, **condition: str) -> bool:
    """Write the lock; tell whether the condition held."""
    try:
        s3.put_object(
            Bucket=unit.bucket,
            Key=key(unit),
            Body=lock.text(),
            ServerSideEncryption=ENCRYPTION,
            **condition,  # type: ignore[arg-type]
        )
    except ClientError as error:
        if code(error) in TAKEN | MISSING:  # IfMatch finds nothing where it was freed meanwhile
            return False
        raise
    return True


def read(s3: S3Client, unit: Unit) -> tuple[Lock | None, str] | None:
    """Return the lock, None where it is free, and the object's version; None where there is no object."""
    try:
        found = s3.get_object(Bucket=unit.bucket, Key=key(unit))
        content = found["Body"].read()
        return None if content == FREE else Lock.parse(content), found["ETag"]
    except ClientError as error:
        if code(error) in MISSING:
            return None
        raise


def _give_back(unit: Unit, lock: Lock, environment_name: str, say: Callable[[str], None]) -> None:
    """Free the lock if it is this process's still. Where that fails, the command's own end counts."""
    s3 = clients(unit.state_region).s3()
    try:
        found = read(s3, unit)
        if found is not None and found[0] is not None and found[0].id == lock.id:
            free(s3, unit, found[1])
    except FAILURES as error:
        say(
            f"the deployment's lock could not be given back ({explain(error).message}): on this machine the "
            f"next deployment takes it over, elsewhere {diagnosis.freeing(environment_name, lock.id)}"
        )


def free(s3: S3Client, unit: Unit, version: str) -> None:
    """Free the lock, as it was read in *version*. Raises ClientError where it is another by now."""
    s3.put_object(
        Bucket=unit.bucket,
        Key=key(unit),
        Body=FREE,
        ServerSideEncryption=ENCRYPTION,
        IfMatch=version,
    )
