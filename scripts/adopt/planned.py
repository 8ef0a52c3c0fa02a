"""What Terraform's plan does beside importing, value by value. Pure; reads ``terraform show -json``.

Source: Terraform, "JSON Output Format", change representation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scripts.adopt.things import Address, Thing

_NOTHING = ["no-op"]
_KNOWN_LATER = "(known after apply)"
_HIDDEN = "(sensitive)"


@dataclass
class Plan:
    """A unit's plan: how many imports, the tags that the provider adds, and every other change in words."""

    imported: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Tell whether nothing but imports and the provider's tags is planned."""
        return not self.changes and not self.unmet


def read(
    document: Mapping[str, Any],
    things: Sequence[Thing],
    default_tags: Mapping[str, str],
    left_out: Collection[Address] = (),
) -> Plan:
    """Return what *document*, a plan of one unit, does beside importing *things*.

    *left_out* are the addresses of what AWS has and that is not taken over.
    """
    there = {str(address) for address in left_out}
    plan = Plan()
    waiting = [str(thing.address) for thing in things]
    for resource in document.get("resource_changes", []):
        if resource.get("mode") == "data":
            continue
        change = resource["change"]
        if change.get("importing") is not None:
            plan.imported += 1
            waiting = [address for address in waiting if address != resource["address"]]
        if change["actions"] == _NOTHING:
            continue
        if change["actions"] == ["update"]:
            _update(plan, resource["address"], change, default_tags)
        else:
            _else(plan, resource["address"], change["actions"], there)
    plan.unmet += [f"{address}: is not imported by this plan" for address in waiting]
    return plan


def _else(plan: Plan, address: str, actions: Sequence[str], left_out: Collection[str]) -> None:
    if actions == ["create"] and address in left_out:
        plan.unmet.append(f"{address}: would be created, and AWS has one that was left out")
    elif actions == ["create"]:
        plan.unmet.append(f"{address}: would be created: the configuration asks for it, and AWS has none")
    elif actions == ["delete"]:
        plan.changes.append(f"{address}: would be destroyed: the state has it, the configuration doesn't")
    else:
        plan.changes.append(f"{address}: would be replaced ({', then '.join(actions)})")


def _update(
    plan: Plan,
    address: str,
    change: Mapping[str, Any],
    default_tags: Mapping[str, str],
) -> None:
    before, after = change["before"], change["after"]
    later = change.get("after_unknown") or {}
    for name in sorted({*before, *after, *later}):
        old, new = before.get(name), after.get(name)
        if not later.get(name) and (old == new or (not old and not new and _blank(old, new))):
            continue
        if name == "tags_all":
            added = _added(old or {}, new or {}, default_tags)
            if added is not None:
                plan.tags |= added
                continue
        hidden = _is_hidden(change, name)
        words = [_HIDDEN if hidden else _shown(value) for value in (old, new)]
        plan.changes.append(
            f"{address}: {name}: {words[0]} -> {_KNOWN_LATER if later.get(name) else words[1]}"
        )


def _blank(old: object, new: object) -> bool:
    """Tell whether both say nothing: null, an empty text, an empty mapping. A false or a zero does."""
    return all(value is None or value in ("", {}, []) for value in (old, new))


def _added(
    old: Mapping[str, str], new: Mapping[str, str], default_tags: Mapping[str, str]
) -> dict[str, str] | None:
    """Return the tags of *new* beyond *old*; None where one is changed, taken away, or not the provider's."""
    added = {name: value for name, value in new.items() if name not in old}
    kept = {name: value for name, value in new.items() if name in old}
    ours = all(default_tags.get(name) == value for name, value in added.items())
    return added if ours and kept == dict(old) else None


def _is_hidden(change: Mapping[str, Any], name: str) -> bool:
    sides = (change.get("before_sensitive"), change.get("after_sensitive"))
    return any(side is True or (isinstance(side, dict) and bool(side.get(name))) for side in sides)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
