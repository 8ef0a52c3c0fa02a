"""What a role's policies allow beyond a list of calls: the statements themselves are held against it.

Deny statements are left out, so that this may name too much and never too little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.iam.patterns import covers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.iam.evaluation import Call
    from scripts.iam.policies import Statement

# Operators that let nothing through but the values they name.
_LIMITING = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")


def excess(statements: Sequence[Statement], calls: Sequence[Call]) -> list[str]:
    """Return, as in ``ssm:* on * (inline policy backend)``, each right that none of *calls* needs."""
    found = [text for statement in statements if not statement.denies for text in _of(statement, calls)]
    return list(dict.fromkeys(found))


def _of(statement: Statement, calls: Sequence[Call]) -> Iterator[str]:
    for action in statement.actions:
        for resource in statement.resources:
            if statement.not_actions or statement.not_resources:
                but = "all but ", ""
                what, where = but[not statement.not_actions], but[not statement.not_resources]
                yield f"{what}{action} on {where}{resource} ({statement.place})"
                continue
            needing = [call for call in calls if _is_within(action, resource, call)]
            if not any(_is_limited(statement, call) for call in needing):
                missing = _limits(needing[0]) if needing else ""
                yield f"{action} on {resource}{missing} ({statement.place})"


def _is_within(action: str, resource: str, call: Call) -> bool:
    return covers(call.action.lower(), action) and covers(call.resource, resource)


def _is_limited(statement: Statement, call: Call) -> bool:
    """Tell whether *statement* is limited at least as *call*'s right has to be."""
    return all(
        _has_limit(statement, key, wanted)
        for keys in call.conditions.values()
        for key, wanted in keys.items()
    )


def _has_limit(statement: Statement, key: str, wanted: Sequence[str]) -> bool:
    """Tell whether some condition of *statement* lets *key* have no value outside *wanted*."""
    given = [statement.conditions.get(operator, {}).get(key) for operator in _LIMITING]
    return any(
        values and all(any(covers(pattern, value) for pattern in wanted) for value in values)
        for values in given
    )


def _limits(call: Call) -> str:
    keys = sorted({key for keys in call.conditions.values() for key in keys})
    return f" without the limit by {', '.join(keys)}" if keys else ""
