"""Which groups and rules are taken over: those that are asked for or named, and not in the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.adopt import names
from scripts.adopt.asked import SERVICE
from scripts.adopt.things import Address, LeftOut, Thing
from scripts.errors import OperatorError
from xray.sampling import RULES_MAX

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scripts.adopt.asked import Asked
    from scripts.adopt.held import Held

_GROUP = Address("aws_xray_group", "this")


@dataclass
class Choice:
    """What is taken over, what is not, and the names of what nobody asked for."""

    things: list[Thing] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def group(asked: Asked, found: Sequence[Thing], given: Sequence[str], held: Held) -> Choice:
    """Return the group that unit xray takes over: it has one, so at most one.

    That is the group of the name asked for; only where there is none, the one that is named instead.
    Raises OperatorError where several are named.
    """
    named = [thing for thing in found if names.matches(given, thing.name)]
    own = next((thing for thing in found if thing.name == asked.group_name), None)
    choice = Choice(others=[thing.name for thing in found if thing is not own and thing not in named])
    if _GROUP in held:
        has = next((thing for thing in found if thing.arn == held[_GROUP]), None)
        if has is None and own is not None:
            gone = f"the state holds another of that name, {held[_GROUP]}, which is gone"
            remedy = f"`terragrunt run -- state rm {_GROUP}` in the folder of unit xray, then adopt again"
            choice.left_out.append(LeftOut(str(own), f"{gone}: {remedy}", address=own.address))
        choice.left_out += [
            LeftOut(str(thing), "the state has a group already, and unit xray has room for one")
            for thing in named
            if thing is not has and thing is not own
        ]
    elif own is not None:
        choice.things.append(own)
        choice.left_out += [
            LeftOut(str(thing), f"unit xray has room for one group, and {own.name} is there")
            for thing in named
            if thing is not own
        ]
    elif len(named) > 1:
        raise OperatorError(
            f"NAMES stands for several groups, and unit xray has room for one: "
            f"{', '.join(thing.name for thing in named)}",
            remedy="name one of them",
        )
    else:
        choice.things += named
    return choice


def rule_names(asked: Asked, chosen: Sequence[Thing], present: Collection[str]) -> dict[str, str]:
    """Return the rules' names by key once the group of *chosen* is the unit's.

    The rule ``service`` is called as the group, save where it has a name of its own. It keeps its name where
    a rule of that name is *present*, since nothing that is there is made anew, and where another key has the
    group's name.
    """
    found = dict(asked.rule_names)
    called = next((thing.name for thing in chosen), asked.group_name)
    taken = {name for key, name in found.items() if key != SERVICE}
    if SERVICE in found and not asked.service_rule_name and found[SERVICE] not in present:
        found[SERVICE] = found[SERVICE] if called in taken else called
    return found


def rules(asked_names: Mapping[str, str], found: Sequence[Thing], given: Sequence[str], held: Held) -> Choice:
    """Return the rules that unit xray takes over.

    Raises OperatorError where it would have to ask for more rules than X-Ray has room for.
    """
    choice = Choice()
    for thing in found:
        if thing.address in held:
            continue
        if thing.name in asked_names.values() or names.matches(given, thing.name):
            choice.things.append(thing)
        else:
            choice.others.append(thing.name)
    total = set(asked_names.values()) | {thing.name for thing in choice.things}
    total |= {thing.name for thing in found if thing.address in held}
    if len(total) > RULES_MAX:
        missing = sorted(key for key, name in asked_names.items() if name not in {one.name for one in found})
        drop = f"set {' and '.join(f'{key} = null' for key in missing)} in env.hcl, or " if missing else ""
        raise OperatorError(
            f"unit xray would ask for {len(total)} sampling rules, X-Ray has room for {RULES_MAX}",
            remedy=f"{drop}name fewer",
        )
    return choice
