"""Identity-based policies: what a set of statements says of an action on a resource.

Source: "Policy evaluation logic" in the IAM user guide.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from localcloud.aws.authorisation.conditions import Context, holds
from localcloud.aws.authorisation.wildcards import matches

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}


class Verdict(Enum):
    """What policies say: an explicit Deny wins over every Allow."""

    ALLOWED = "allowed"
    DENIED = "denied"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; of each pair (actions, resources) the Not form is `excluded_…`."""

    denies: bool
    actions: tuple[str, ...] = ()
    excluded_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] = ()
    excluded_resources: tuple[str, ...] | None = None
    condition: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def applies(self, action: str, resource: str, context: Context) -> bool:
        """Tell whether the statement speaks of this; what can't be told counts against the caller."""
        if not (self._covers_action(action) and self._covers_resource(resource, context)):
            return False
        held = holds(self.condition, context)
        return self.denies if held is None else held

    def _covers_action(self, action: str) -> bool:
        if self.excluded_actions is not None:
            return not any(matches(text, action, ignore_case=True) for text in self.excluded_actions)
        return any(matches(text, action, ignore_case=True) for text in self.actions)

    def _covers_resource(self, resource: str, context: Context) -> bool:
        if self.excluded_resources is not None:
            return not self._any(self.excluded_resources, resource, context, unknown=not self.denies)
        return self._any(self.resources, resource, context, unknown=self.denies)

    @staticmethod
    def _any(patterns: Iterable[str], resource: str, context: Context, *, unknown: bool) -> bool:
        """Match any pattern; `unknown` is the answer for one whose variables aren't known here."""
        for pattern in patterns:
            resolved = _resolve(pattern, context)
            if unknown if resolved is None else matches(resolved, resource):
                return True
        return False


def _resolve(pattern: str, context: Context) -> str | None:
    """Put the request's values for policy variables; None where one isn't known."""
    unknown = False

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        name, _, default = match[1].partition(",")
        literal = _LITERALS.get(name.strip())
        if literal is not None:
            return literal
        values = context.get(name.strip().lower())
        if values:
            return values[0]
        if values is not None and default:
            return default.strip().strip("'")
        unknown = True
        return ""

    resolved = _VARIABLE.sub(value, pattern)
    return None if unknown else resolved


def read_policy(document: str) -> tuple[Statement, ...]:
    """Return a policy's statements; one that can't be read denies everything."""
    try:
        statements = json.loads(document)["Statement"]
        statements = statements if isinstance(statements, list) else [statements]
        return tuple(_statement(statement) for statement in statements)
    except (ValueError, KeyError, TypeError, AttributeError):
        return (Statement(denies=True, actions=("*",), resources=("*",)),)


def evaluate(statements: Iterable[Statement], action: str, resource: str, context: Context) -> Verdict:
    """Return what the statements together say of an action on a resource."""
    verdict = Verdict.SILENT
    for statement in statements:
        if statement.applies(action, resource, context):
            if statement.denies:
                return Verdict.DENIED
            verdict = Verdict.ALLOWED
    return verdict


def _statement(document: Mapping[str, Any]) -> Statement:
    return Statement(
        denies=document["Effect"] != "Allow",
        actions=_texts(document.get("Action")) or (),
        excluded_actions=_texts(document.get("NotAction")),
        resources=_texts(document.get("Resource")) or (),
        excluded_resources=_texts(document.get("NotResource")),
        condition=document.get("Condition") or {},
    )


def _texts(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
