"""Names: X-Ray's limits for the group's, and that the names which the backend is told are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.verify.check import Result, failed, passed
from xray.audit import near
from xray.names import GROUP_NAME_MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.check.subject import Subject

_RESERVED = "Default"


def results(subject: Subject) -> list[Result]:
    """Return the check of the names; none where there is neither a group nor a name that is told."""
    if not subject.groups and not subject.names:
        return []
    problems = []
    for group in subject.groups:
        length = len(group.name)
        if not 1 <= length <= GROUP_NAME_MAX_CHARACTERS:
            problems.append(
                f"group {group.name} has {length} characters, 1 to {GROUP_NAME_MAX_CHARACTERS} are allowed"
            )
        if group.name == _RESERVED:
            problems.append(f"group {_RESERVED} is X-Ray's own, of all traces")
    groups = [group.name for group in subject.groups]
    rules = [rule.rule_name for rule in subject.rules]
    for below, names in (("xray/group-name", groups), ("xray/sampling-rule-name", rules)):
        told = subject.names.get(below)
        if told is not None and names and told not in names:
            problems.append(_told(below, told, names))
    check_id = f"{subject.prefix}xray.names"
    expected = "names within X-Ray's limits; those that the backend is told are there"
    if problems:
        return [failed(check_id, expected, "; ".join(problems), f"correct them in {subject.place}")]
    said = [f"{below}={name}" for below, name in subject.names.items()]
    return [passed(check_id, expected, ", ".join(said or [f"group {name}" for name in groups]))]


def _told(below: str, told: str, names: Sequence[str]) -> str:
    meant = near(told, names)
    hint = f", {meant} was probably meant" if meant else f", there is {', '.join(names[:5])}"
    return f"{below} is {told}{hint}"
