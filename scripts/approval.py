"""Leave to change dev or prod: asked for on a terminal, ``APPROVE=<env>`` off one."""

from __future__ import annotations

import sys

from scripts.errors import OperatorError


def refuse(environment_name: str, command: str, approve: str) -> None:
    """Raise OperatorError where *command* may not change *environment_name*, and asking can't help.

    Needs nobody and nothing: it comes before all other work.
    """
    if environment_name == "local":
        return
    if approve:
        if approve == environment_name:
            return
        raise OperatorError(
            f"APPROVE={approve} does not approve ENV={environment_name}",
            remedy=f"set APPROVE={environment_name} if that is what you mean",
        )
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise OperatorError(
            f"{command} on {environment_name} needs approval, and there is no terminal to ask on",
            remedy=f"set APPROVE={environment_name}",
        )


def ask(environment_name: str, command: str, approve: str) -> None:
    """Return once it is typed that *command* may change *environment_name*; ``refuse`` has been called.

    Raises OperatorError where something else is typed.
    """
    if environment_name == "local" or approve:
        return
    sys.stderr.write(f"Type {environment_name} to {command} there: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != environment_name:
        raise OperatorError(f"{command} on {environment_name} was not approved", remedy="nothing was changed")
