"""The environments, and what each puts into the environment variables of our calls and our children.

Local is only a set of endpoints: for it the variables come from ``.local/env``, and the caller's own AWS
settings are left out, so that a profile or an endpoint of theirs can't lead a local command elsewhere.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts import local_env, paths
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES = ("local", "dev", "prod")

_ISOLATION = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Environment:
    """One environment: its name, and the variables that calls and children see."""

    name: str
    variables: Mapping[str, str]

    @property
    def is_local(self) -> bool:
        """Tell whether the local cloud stands for AWS."""
        return self.name == "local"

    @property
    def folder(self) -> Path:
        """The folder of its units."""
        return paths.CONFIG / self.name

    def activate(self) -> None:
        """Make the variables this process's own: boto3 and every child see the same."""
        os.environ.clear()
        os.environ.update(self.variables)


def load(name: str) -> Environment:
    """Return environment *name*, activated.

    Raises OperatorError where the local one is asked for and the local cloud was not started.
    """
    variables = dict(os.environ)
    if name == "local":
        variables = local_variables(variables, read_local())
    environment = Environment(name, variables)
    environment.activate()
    return environment


def read_local() -> dict[str, str]:
    """Return what ``.local/env`` sets. Raises OperatorError where it is missing or no such file."""
    file = paths.local_folder() / "env"
    try:
        text = file.read_text()
    except FileNotFoundError as error:
        raise OperatorError(
            f"the local cloud is not running ({paths.shown(file)} is missing)", remedy="run `make local-up`"
        ) from error
    try:
        return local_env.parse(text, os.environ)
    except ValueError as error:
        raise OperatorError(
            f"{paths.shown(file)}: {error}", remedy="run `make local-down`, then `make local-up`"
        ) from error


def local_variables(caller: Mapping[str, str], local: Mapping[str, str]) -> dict[str, str]:
    """Return *caller*'s variables without AWS settings, with *local* over them."""
    kept = {name: value for name, value in caller.items() if not name.startswith("AWS_")}
    direct = {name: _without_proxy(caller.get(name, "")) for name in ("NO_PROXY", "no_proxy")}
    return {**kept, **_ISOLATION, **direct, **local}


def _without_proxy(given: str) -> str:
    """Return *given*, a NO_PROXY list, with this machine in it: no proxy leads to the local cloud."""
    return ",".join([*filter(None, given.split(",")), *_LOOPBACK])
