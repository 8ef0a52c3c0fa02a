"""The outcome of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check came out; ``skip`` where another one's failure leaves nothing to look at."""

    PASS = "pass"  # noqa: S105 - a check's status
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True)
class Result:
    """A check's outcome: what was asked for, what is there, and the remedy (empty where it passed)."""

    id: str
    status: Status
    expected: str
    actual: str
    remedy: str = ""


def passed(check_id: str, expected: str, actual: str) -> Result:
    """Return a pass."""
    return Result(check_id, Status.PASS, expected, actual)


def failed(check_id: str, expected: str, actual: str, remedy: str) -> Result:
    """Return a failure."""
    return Result(check_id, Status.FAIL, expected, actual, remedy)


def compared(check_id: str, expected: dict[str, object], actual: dict[str, object], remedy: str) -> Result:
    """Compare values name by name: a failure shows the names that differ, a pass shows them all.

    Only the names in *expected* count. Numbers are equal as numbers: 1 and 1.0 are the same rate.
    """
    wrong = [name for name in expected if not _same(expected[name], actual.get(name))]
    names = wrong or list(expected)
    asked, found = _listed(expected, names), _listed(actual, names)
    return failed(check_id, asked, found, remedy) if wrong else passed(check_id, asked, found)


def _same(expected: object, actual: object) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return expected == actual


def _listed(values: dict[str, object], names: list[str]) -> str:
    return ", ".join(f"{name}={_shown(values.get(name))}" for name in names)


def _shown(value: object) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
