"""Which units a command works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import paths
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from scripts.environment import Environment

TRACING = ("xray", "honeycomb", "honeycomb-key", "logs")
KEY_UNIT = "honeycomb-key"
ALL = "all"


def available(environment: Environment) -> list[str]:
    """Return the names of the environment's units, sorted."""
    return sorted(file.parent.name for file in environment.folder.glob("*/terragrunt.hcl"))


def selected(environment: Environment, choice: str) -> list[str]:
    """Return the units that *choice* stands for: empty for the tracing units, ``all``, or one's name.

    Raises OperatorError where there is none of that name.
    """
    names = available(environment)
    if not names:
        raise OperatorError(
            f"{paths.shown(environment.folder)} has no units", remedy="check the checkout is complete"
        )
    if choice == ALL:
        return names
    if not choice:
        return [name for name in names if name in TRACING]
    if choice not in names:
        raise OperatorError(
            f"{environment.name} has no unit {choice!r}", remedy=f"use one of {', '.join(names)}, or all"
        )
    return [choice]
