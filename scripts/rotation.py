"""Rotating the Honeycomb key: raise the committed number, write, and see SSM's own version rise."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from scripts import applying, key_version, paths
from scripts.deploy import redeploying
from scripts.errors import InterruptedRunError, OperatorError
from scripts.terragrunt.render import render
from scripts.terragrunt.units import KEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from scripts.output import Output
    from scripts.session import Session

ATTEMPTS = 2
_NUMBER = re.compile(r"^(?P<before>\s*key_version\s*=\s*)(?P<number>\d+)(?P<after>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Prepared:
    """What a rotation needs, checked: the session of the key's unit, and the new key.

    ``redeploy`` has what runs take the new key up where it doesn't by itself, and says so.
    """

    session: Session
    key: str
    redeploy: Callable[[], str] = str


def prepare(environment_name: str, output: Output, running: ExitStack) -> Prepared:
    """Return what a rotation needs; *running* gets what has to end with the command.

    Raises OperatorError for all that can be refused before.
    """
    session, key = applying.prepare(environment_name, KEY_UNIT, output, running)
    if key is None:
        raise OperatorError(
            f"there is no Honeycomb key for {environment_name}", remedy="export HONEYCOMB_API_KEY"
        )
    read_number(unit_file(session))
    redeploying.require_free(session)
    return Prepared(session, key, partial(redeploying.after_rotation, session))


def rotate(prepared: Prepared) -> str:
    """Write the key under a new version and return what was done, as one line.

    Where a write fails after Terraform has noted the new number, that number would never be written
    again: it is raised once more. Where nothing was noted, the file is put back as it was.
    Raises OperatorError where SSM's version has not risen in the end.
    """
    session = prepared.session
    file = unit_file(session)
    original = file.read_text()
    before = key_version.look(session, session.units[KEY_UNIT])
    for attempt in range(1, ATTEMPTS + 1):
        number = raise_number(file)
        session.output.say(f"key_version is {number} in {paths.shown(file)}")
        session = _rendered(session)
        try:
            applying.apply(session, prepared.key)
        except OperatorError as error:
            after = key_version.look(session, session.units[KEY_UNIT])
            if after.state == before.state:
                file.write_text(original)
                raise
            again = attempt < ATTEMPTS and not isinstance(error, InterruptedRunError)
            if after.ssm <= before.ssm and again:
                session.output.say(f"{error.message}: the key is written under one more version")
                continue
            raise
        after = key_version.look(session, session.units[KEY_UNIT])
        if after.ssm > before.ssm:
            said = f"SSM has it as version {after.ssm}; commit {paths.shown(file)}, which now says {number}"
            return f"{said}{_redeployed(prepared, said)}"
    raise OperatorError(
        f"the key was applied, but SSM's version is still {before.ssm}",
        remedy="look at the parameter's history and at who else writes it",
    )


def _redeployed(prepared: Prepared, said: str) -> str:
    """Have what runs take the key up. Raises OperatorError, which says first what is done all the same."""
    try:
        return prepared.redeploy()
    except OperatorError as error:
        raise type(error)(f"{said}; but {error.message}", remedy=error.remedy) from error


def unit_file(session: Session) -> Path:
    """Return the file that holds the committed number."""
    return session.environment.folder / KEY_UNIT / "terragrunt.hcl"


def read_number(file: Path) -> int:
    """Return the committed key version. Raises OperatorError where *file* does not hold exactly one."""
    found = _NUMBER.findall(file.read_text())
    if len(found) != 1:
        raise OperatorError(
            f"{paths.shown(file)} has {len(found)} lines `key_version = <number>`",
            remedy="keep exactly one, with a plain number",
        )
    return int(found[0][1])


def raise_number(file: Path) -> int:
    """Raise the committed key version by one, leave all else as it is, and return the new number."""
    number = read_number(file) + 1
    text = _NUMBER.sub(lambda line: f"{line['before']}{number}{line['after']}", file.read_text())
    temporary = file.with_suffix(".new")
    temporary.write_text(text)
    temporary.replace(file)
    return number


def _rendered(session: Session) -> Session:
    return replace(session, units=render(session.environment, [KEY_UNIT]))
