"""The actions that Terraform was seen to need for each unit that a role plans or applies: <unit>_calls.json.

``plan``, ``apply``, ``change`` and ``destroy`` have the actions of each phase at the local cloud, the state's
own left out. ``further`` has those that no call shows there, each with the reason why AWS asks for it.
`python -m tests.terraform.deployment_calls` writes the lists; tests/terraform/test_access_calls.py holds the
roles against them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent
ADMINISTRATOR, PLAN, APPLY, DEPLOY = "administrator", "plan", "apply", "deploy"
APPLIED_BY = {
    "xray": APPLY,
    "honeycomb": APPLY,
    "logs": APPLY,
    "network": ADMINISTRATOR,
    "registry": DEPLOY,
    "service": DEPLOY,
    "alarms": DEPLOY,
}
"""Who applies each unit, in their order; ``PLAN`` plans them all. An administrator is no role of ours."""
UNITS = tuple(APPLIED_BY)
PHASES = ("plan", "apply", "change", "destroy")
COMMANDS = "deploy"
"""The list of what commands ask for themselves: `make deploy` and `make rollback`, `make destroy`, and all of
them, `make plan` and `make apply` too, to send their own trace."""
TRACE = "trace"
_PARTS = {COMMANDS: ("deploy", "destroy", TRACE)}


@dataclass(frozen=True)
class UnitCalls:
    """One unit's actions by phase, and further ones with their reasons."""

    phases: Mapping[str, frozenset[str]]
    further: Mapping[str, str]

    @property
    def seen(self) -> frozenset[str]:
        """The actions of all phases."""
        return frozenset().union(*self.phases.values())

    @property
    def needed(self) -> frozenset[str]:
        """The actions of all phases, and the further ones."""
        return self.seen | frozenset(self.further)


def needed_by(role: str) -> frozenset[str]:
    """Return all that ``PLAN``, ``APPLY`` or ``DEPLOY`` needs, the states' own left out."""
    commands = of(COMMANDS)
    if role == PLAN:
        lists = [of(unit).phases[PLAN] for unit in UNITS]
    else:
        lists = [of(unit).needed for unit, who in APPLIED_BY.items() if who == role]
    own = commands.needed if role == DEPLOY else commands.phases[TRACE]
    return own.union(*lists)


def of(unit: str) -> UnitCalls:
    """Return what *unit*, of ``UNITS`` or ``COMMANDS``, needs. Raises ValueError where there is no list."""
    if unit not in {*UNITS, COMMANDS}:
        names = ", ".join((*UNITS, COMMANDS))
        raise ValueError(f"there is no list for {unit}; expected one of {names}")
    parts = _PARTS.get(unit, PHASES)
    document = json.loads((FOLDER / f"{unit}_calls.json").read_text())
    if set(document) != {*parts, "further"}:
        has = ", ".join(sorted(document))
        raise ValueError(f"{unit}_calls.json has {has}; expected are {', '.join(parts)} and further")
    calls = UnitCalls({phase: frozenset(document[phase]) for phase in parts}, document["further"])
    twice = sorted(calls.seen & set(calls.further))
    if twice:
        raise ValueError(
            f"{unit}_calls.json has {', '.join(twice)} among the further actions, which was seen"
        )
    return calls
