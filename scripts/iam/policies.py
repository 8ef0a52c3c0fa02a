"""Statements of identity-based policies. Source: IAM user guide, "IAM JSON policy elements reference"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Values by operator and lower-case key."""

_MEMBERS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_EFFECTS = {"Allow": False, "Deny": True}


class PolicyError(ValueError):
    """A document that is no identity-based policy; nothing can be said by it."""


@dataclass(frozen=True)
class Statement:
    """One statement, from ``place``. ``not_actions``, ``not_resources``: these patterns are the Not form."""

    place: str
    denies: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_actions: bool = False
    not_resources: bool = False
    conditions: Conditions = field(default_factory=dict, hash=False)


def read(place: str, document: object) -> tuple[Statement, ...]:
    """Return the statements of *document*, a policy as boto3 gives it; *place* is its name for people.

    Raises PolicyError for anything else: a statement that is read wrong could pass for one that allows less.
    """
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list):
        raise PolicyError(f"{place} has no statements")
    return tuple(_statement(place, statement) for statement in statements)


def _statement(place: str, document: object) -> Statement:
    if not isinstance(document, Mapping) or set(document) - _MEMBERS:
        raise PolicyError(f"{place} has a statement that is none of an identity-based policy")
    effect = document.get("Effect")
    if not isinstance(effect, str) or effect not in _EFFECTS:
        raise PolicyError(f"{place} has a statement whose Effect is neither Allow nor Deny")
    not_actions, actions = _either(place, document, "Action")
    not_resources, resources = _either(place, document, "Resource")
    return Statement(
        place,
        _EFFECTS[effect],
        tuple(action.lower() for action in actions),
        resources,
        not_actions,
        not_resources,
        _conditions(place, document.get("Condition", {})),
    )


def _either(place: str, document: Mapping[str, Any], name: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether the Not form of element *name* stands there, and its patterns; exactly one form must."""
    forms = [form for form in (name, f"Not{name}") if form in document]
    if len(forms) != 1:
        raise PolicyError(f"{place} has a statement with {len(forms)} of {name} and Not{name}, expected one")
    return forms[0] != name, _texts(place, document[forms[0]])


def _conditions(place: str, document: object) -> Conditions:
    if not isinstance(document, Mapping) or not all(isinstance(keys, Mapping) for keys in document.values()):
        raise PolicyError(f"{place} has a Condition that is no operator with its keys")
    return {
        str(operator): {str(key).lower(): _texts(place, value) for key, value in keys.items()}
        for operator, keys in document.items()
    }


def _texts(place: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str | bool | int) for one in values):
        raise PolicyError(f"{place} has a value that is neither text nor a list of texts")
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
