"""Whether a statement's conditions hold for a call. Source: IAM user guide, "Condition operators".

Three answers: yes, no, and None where it can't be told, by an operator, key or policy variable that isn't
known here. Who asks decides what that means; it is never a yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from scripts.iam.patterns import covers, meet

if TYPE_CHECKING:
    from scripts.iam.policies import Conditions

Context = Mapping[str, tuple[str, ...]]
"""The values of a call by lower-case key, each a pattern; an empty tuple is a key known to be absent."""

_IF_EXISTS = "IfExists"
_ARN_COLONS = 5
_Test = Callable[[str, str], bool | None]


def holds(conditions: Conditions, context: Context) -> bool | None:
    """Tell whether all *conditions* hold; False where one surely doesn't, whatever the others."""
    verdicts = [
        _holds(operator, key, expected, context)
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    ]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _holds(operator: str, key: str, expected: tuple[str, ...], context: Context) -> bool | None:
    name = operator.removesuffix(_IF_EXISTS)
    actual = context.get(key)
    if actual is None or name not in _TESTS:
        return None
    test, is_negated = _TESTS[name]
    if not actual:
        return is_negated or name != operator
    if len(actual) > 1 or any("${" in text for text in expected):
        return None  # keys of several values want ForAnyValue or ForAllValues, which aren't known here
    found = _any(test(text, actual[0]) for text in expected)
    return found if found is None or not is_negated else not found


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    """Return whether any is True; None where none is and one can't be told."""
    seen = list(verdicts)
    return True if True in seen else None if None in seen else False


def _equal(expected: str, actual: str) -> bool | None:
    if "*" in actual or "?" in actual:
        return None if meet(actual, expected) else False
    return expected == actual


def _equal_folded(expected: str, actual: str) -> bool | None:
    return _equal(expected.casefold(), actual.casefold())


def _like(expected: str, actual: str) -> bool | None:
    if covers(expected, actual):
        return True
    return None if meet(expected, actual) else False


def _arn_like(expected: str, actual: str) -> bool | None:
    """Compare two ARNs part by part: a wildcard reaches over a colon in the last of the six parts alone."""
    patterns, values = expected.split(":", _ARN_COLONS), actual.split(":", _ARN_COLONS)
    if len(patterns) <= _ARN_COLONS or len(values) <= _ARN_COLONS:
        return None
    verdicts = [_like(pattern, value) for pattern, value in zip(patterns, values, strict=True)]
    return False if False in verdicts else None if None in verdicts else True


_TESTS: Mapping[str, tuple[_Test, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_folded, False),
    "StringNotEqualsIgnoreCase": (_equal_folded, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnLike": (_arn_like, False),
    "ArnNotLike": (_arn_like, True),
    "Bool": (_equal_folded, False),
}
"""Each operator's test of an expected against an actual value, and whether the outcome is turned round."""
