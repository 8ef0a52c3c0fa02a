"""One Terragrunt run at a time in one checkout: two would write into the same unit folders.

Other checkouts and machines are kept apart by the lock that Terraform holds on the state.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from scripts import paths
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def held(environment_name: str, command: str) -> Iterator[None]:
    """Hold the lock of *environment_name* while the block runs.

    The system frees it with the process, however that ends. Raises OperatorError, which names the holder,
    where another run has it.
    """
    folder = paths.local_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"run-{environment_name}.lock"
    with _locked(path, environment_name) as file:
        file.truncate(0)
        file.write(
            json.dumps(
                {
                    "Who": who(),
                    "Command": command,
                    "Pid": os.getpid(),
                    "Created": datetime.now(UTC).isoformat(timespec="seconds"),
                }
            )
        )
        file.flush()
        try:
            yield
        finally:
            path.unlink()


def _locked(path: Path, environment_name: str) -> TextIO:
    """Return the lock's file, locked. A file that its holder has just removed is no lock: it is made anew."""
    while True:
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, file):
                return file
            file.close()
        except BlockingIOError as error:
            with file:
                file.seek(0)
                raise OperatorError(
                    f"another run works on {environment_name} in this checkout, {_holder(file.read())}",
                    remedy="wait until it has ended, then run this again",
                ) from error


def _is_at(path: Path, file: TextIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def who() -> str:
    """Return who runs this, as Terraform names a lock's holder: user and machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        run = f"{holder['Command']}, process {holder['Pid']}"
        return f"held by {holder['Who']} ({run}) since {holder['Created']}"
    except (ValueError, KeyError, TypeError):
        return "whose holder has not said its name yet"
