"""Groups: can the filter be read, and does it match what this backend sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import routes
from scripts.verify.check import Result, Status, failed, passed
from xray.audit import group_effect, is_of_others, near, sample_traces, service_names
from xray.filters import FilterError, GroupError, GroupVersion, parse, require_sound, resolve

if TYPE_CHECKING:
    from scripts.check.subject import Group, Subject
    from xray.audit import GroupEffect
    from xray.filters import Expression

_REAL_ONES = "whether real traces meet it `make verify` tells, once the backend has sent some"


def results(subject: Subject) -> list[Result]:
    """Return two checks for each group; with several groups their ids end with the group's name."""
    found = []
    for group in subject.groups:
        end = f".{group.name}" if len(subject.groups) > 1 else ""
        filter_id = f"{subject.prefix}xray.group.filter{end}"
        effect_id = f"{subject.prefix}xray.group.effect{end}"
        found += _results(subject, group, filter_id, effect_id)
    return found


def _results(subject: Subject, group: Group, filter_id: str, effect_id: str) -> list[Result]:
    expected = f"a filter expression of group {group.name}"
    matching = f"matches what {subject.service_name} sends"
    text = group.filter_expression
    if text is None:
        why = "known after the apply"
        return [
            Result(one, Status.SKIP, wanted, why, "run `make verify` then")
            for one, wanted in ((filter_id, expected), (effect_id, matching))
        ]
    try:
        tree = parse(text)
        problem = _leads_to_itself(group, tree)
    except FilterError as error:
        problem = str(error)
    if problem:
        remedy = f"correct filter_expression in {subject.place}"
        return [
            failed(filter_id, expected, f"{text}: {problem}", remedy),
            Result(effect_id, Status.SKIP, matching, "the filter can't be read", remedy),
        ]
    return [passed(filter_id, expected, text), _effect(subject, group, tree, effect_id, matching)]


def _leads_to_itself(group: Group, tree: Expression) -> str:
    """Return what is wrong where a group's filter names the group itself; other groups aren't known here."""
    own = {group.name: [GroupVersion(0.0, None, tree)]}
    try:
        resolve(tree, own)
    except GroupError:
        return ""
    try:
        require_sound(tree, [group.name], None)
    except GroupError as error:
        return str(error)
    return ""


def _effect(subject: Subject, group: Group, tree: Expression, effect_id: str, expected: str) -> Result:
    service, text = subject.service_name, group.filter_expression
    try:
        effect = group_effect(tree, sample_traces(service, routes=routes.served()))
    except GroupError as error:
        actual = f"{text}: {error}, as far as the configuration tells"
        return Result(effect_id, Status.SKIP, expected, actual, _REAL_ONES)
    if effect.matched:
        return passed(effect_id, expected, f"{text} matches {effect.matched} of {effect.total} sample traces")
    actual = f"{text} matches none of {effect.total} sample traces; none meets {', '.join(effect.unmet)}"
    if is_of_others(tree, service):
        return failed(effect_id, expected, actual, _remedy(subject, group, effect))
    return Result(effect_id, Status.SKIP, expected, actual, _REAL_ONES)


def _remedy(subject: Subject, group: Group, effect: GroupEffect) -> str:
    service = subject.service_name
    names = [name for part in effect.unmet for name in service_names(parse(part))]
    remedy = f"correct filter_expression in {subject.place}: the backend reports as {service}"
    meant = next((name for name in names if near(name, [service])), None)
    if group.name in names:
        return f"{remedy}, {group.name} is the group's own name; or set service_name to what it reports as"
    if meant is not None:
        return f"{remedy}, which {meant} was probably meant to be"
    return f"{remedy}; or set service_name to what it reports as"
