"""What a role's policies together say of a call. Source: IAM user guide, "Policy evaluation logic"."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from scripts.iam.conditions import Context, holds
from scripts.iam.patterns import covers, meet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.iam.policies import Conditions, Statement


class Verdict(Enum):
    """What policies say; ``UNKNOWN`` where that hangs on something that isn't known here."""

    ALLOWED = "allowed"
    DENIED = "denied"
    SILENT = "not allowed"
    UNKNOWN = "can't be told"


@dataclass(frozen=True)
class Call:
    """An action on a resource, which may be a pattern: then it stands for all that the pattern matches.

    ``conditions`` is what the right to it has to be limited to; of the same keys ``context`` has the values.
    """

    action: str
    resource: str
    context: Context = field(default_factory=dict, hash=False)
    conditions: Conditions = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


def evaluate(statements: Sequence[Statement], call: Call) -> Verdict:
    """Return what *statements* say of *call*: a Deny of any part of it wins over every Allow."""
    denying = [_applies(statement, call) for statement in statements if statement.denies]
    allowing = [_applies(statement, call) for statement in statements if not statement.denies]
    if True in denying:
        return Verdict.DENIED
    if None in denying:
        return Verdict.UNKNOWN
    if True in allowing:
        return Verdict.ALLOWED
    return Verdict.UNKNOWN if None in allowing else Verdict.SILENT


def _applies(statement: Statement, call: Call) -> bool | None:
    """Tell whether *statement* speaks of *call*: an Allow of all of it, a Deny of any part."""
    parts = (
        _matches(statement.actions, call.action.lower(), is_not=statement.not_actions, any_part=False),
        _matches(
            statement.resources, call.resource, is_not=statement.not_resources, any_part=statement.denies
        ),
        holds(statement.conditions, call.context),
    )
    if False in parts:
        return False
    return None if None in parts else True


def _matches(patterns: Sequence[str], subject: str, *, is_not: bool, any_part: bool) -> bool | None:
    """Tell whether *patterns*, or for *is_not* all but them, have the whole of *subject* or *any_part*."""
    if any("${" in pattern for pattern in patterns):
        return None
    whole = any(covers(pattern, subject) for pattern in patterns)
    part = any(meet(pattern, subject) for pattern in patterns)
    if is_not:
        whole, part = not part, not whole
    return part if any_part else True if whole else None if part else False
