"""Evaluates a statement's Condition against what is known of a request.

Source: "IAM JSON policy elements: Condition operators". An operator or a key that isn't known here gives
None: nobody can tell, and the statement's effect decides what that means.
"""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.authorisation.wildcards import matches

Context = Mapping[str, list[str]]
"""The request's values by lower-case condition key; an empty list is a key known to be absent.

A key that ends with a slash stands for all below it that aren't there: of tags, that they are absent.
"""

_Test = Callable[[str, str], bool]
_IF_EXISTS = "IfExists"
_ANY, _ALL = "ForAnyValue:", "ForAllValues:"


def holds(condition: Mapping[str, Any], context: Context) -> bool | None:
    """Tell whether every part of a Condition holds; None where that can't be told."""
    verdict: bool | None = True
    for operator, keys in condition.items():
        if not isinstance(keys, Mapping):
            return None
        for key, expected in keys.items():
            one = _holds(operator, key.lower(), _texts(expected), context)
            if one is False:
                return False
            verdict = None if one is None else verdict
    return verdict


def _holds(operator: str, key: str, expected: list[str], context: Context) -> bool | None:
    actual = context.get(key)
    if actual is None and "/" in key:
        actual = context.get(key[: key.index("/") + 1])
    if actual is None:
        return None
    quantifier = next((prefix for prefix in (_ANY, _ALL) if operator.startswith(prefix)), "")
    name = operator.removeprefix(quantifier)
    optional = name.endswith(_IF_EXISTS)
    name = name.removesuffix(_IF_EXISTS)
    if name == "Null":
        return [str(not actual).lower()] == [text.lower() for text in expected]
    found = _OPERATORS.get(name)
    if found is None:
        return None
    test, negated = found
    if not actual:
        return optional or quantifier == _ALL or (negated and quantifier != _ANY)
    try:
        outcomes = [any(test(text, value) for text in expected) != negated for value in actual]
    except ValueError:
        return None
    return all(outcomes) if quantifier != _ANY else any(outcomes)


def _texts(expected: object) -> list[str]:
    values = expected if isinstance(expected, list) else [expected]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(network: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


def _equal(expected: str, actual: str) -> bool:
    return expected == actual


def _equal_folded(expected: str, actual: str) -> bool:
    return expected.casefold() == actual.casefold()


def _comparisons(prefix: str, read: Callable[[str], float]) -> dict[str, tuple[_Test, bool]]:
    return {
        f"{prefix}Equals": (lambda expected, actual: read(actual) == read(expected), False),
        f"{prefix}NotEquals": (lambda expected, actual: read(actual) == read(expected), True),
        f"{prefix}LessThan": (lambda expected, actual: read(actual) < read(expected), False),
        f"{prefix}LessThanEquals": (lambda expected, actual: read(actual) <= read(expected), False),
        f"{prefix}GreaterThan": (lambda expected, actual: read(actual) > read(expected), False),
        f"{prefix}GreaterThanEquals": (lambda expected, actual: read(actual) >= read(expected), False),
    }


_OPERATORS: dict[str, tuple[_Test, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_folded, False),
    "StringNotEqualsIgnoreCase": (_equal_folded, True),
    "StringLike": (matches, False),
    "StringNotLike": (matches, True),
    "ArnEquals": (matches, False),
    "ArnNotEquals": (matches, True),
    "ArnLike": (matches, False),
    "ArnNotLike": (matches, True),
    "Bool": (_equal_folded, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    **_comparisons("Numeric", float),
    **_comparisons("Date", _moment),
}
"""Each operator's test of an expected against an actual value, and whether the outcome is turned round."""
