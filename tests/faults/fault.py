"""A planted fault: what a person did wrong, how it is planted, and the check that has to find it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.hand import Hand
    from tests.faults.world import Report

Plant = Callable[["Hand"], object]
"""Does by hand what the person did."""


class Look(Enum):
    """The command that has to find it."""

    VERIFY = "make verify"
    BACKEND = "make verify BACKEND=http://..."
    LOGS = "make verify LOADED=logs WORKERS=2"
    PROBE = "make verify PROBE=1"
    CHECK = "make check"
    PLAN = "make check PLAN=plan.json"


@dataclass(frozen=True)
class Found:
    """What the report has to say of a check: a part of ``actual`` and one of ``remedy``."""

    actual: str
    remedy: str
    status: str = "fail"


@dataclass(frozen=True)
class Fault:
    """One fault, for one command.

    ``caught`` is by check id. ``also`` are patterns of the ids of further checks that can't pass with it;
    each has to come up, and no other may. ``code`` is the command's exit code, ``says`` a part of the line
    that it ends with where there is nothing to report.
    """

    name: str
    mistake: str
    plant: Plant
    caught: Mapping[str, Found]
    also: tuple[str, ...] = ()
    look: Look = Look.VERIFY
    code: int = 1
    says: str = ""

    def __str__(self) -> str:
        return self.name


def differences(fault: Fault, report: Report) -> list[str]:
    """Return what *report* has otherwise than *fault* says, in words; empty where it is caught as it should.

    Patterns are those of fnmatch: ``*`` stands for anything.
    """
    found = []
    if report.code != fault.code:
        found.append(f"exit code {report.code}, expected {fault.code}")
    if fault.says not in report.stderr:
        found.append(f"stderr is {report.stderr!r}, expected in it {fault.says!r}")
    for check_id, wanted in fault.caught.items():
        check = report.checks.get(check_id)
        if check is None:
            found.append(f"there is no check {check_id}")
            continue
        if check["status"] != wanted.status:
            found.append(f"{check_id} is {check['status']}, expected {wanted.status}")
        found += [
            f"{check_id}: {member} is {check[member]!r}, expected in it {text!r}"
            for member, text in (("actual", wanted.actual), ("remedy", wanted.remedy))
            if text not in check[member]
        ]
    others = [check_id for check_id in report.not_passed if check_id not in fault.caught]
    found += [
        f"{check_id} is {report.checks[check_id]['status']} too: {report.checks[check_id]['actual']}"
        for check_id in others
        if not any(fnmatchcase(check_id, pattern) for pattern in fault.also)
    ]
    found += [
        f"{pattern} passes, and is said not to"
        for pattern in fault.also
        if not any(fnmatchcase(check_id, pattern) for check_id in others)
    ]
    found += [
        f"{check_id} has no remedy" for check_id in report.not_passed if not report.checks[check_id]["remedy"]
    ]
    return found
