"""What plans would leave, for the same checks as the configuration, and what they would destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.check.subject import Group, Subject, below_path, is_name, rules_of
from scripts.verify.expected import RULE_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scripts.check.plan_file import Plan, Resource

GROUP, RULE, PARAMETER = "aws_xray_group", "aws_xray_sampling_rule", "aws_ssm_parameter"


def left_by(plans: Sequence[Plan], asked: Subject) -> Subject | None:
    """Return what *plans* of the configuration *asked* leave, None where it is neither a group nor a rule."""
    groups: list[Group] = []
    documents: list[tuple[str, Mapping[str, Any]]] = []
    unknown: list[str] = []
    names: dict[str, str] = {}
    for resource in _resources(plans, GROUP, RULE, PARAMETER):
        values = resource.values
        if resource.type == PARAMETER:
            below, value = below_path(str(values.get("name") or "")), values.get("insecure_value")
            if is_name(below) and isinstance(value, str):
                names[below] = value
        elif resource.type == GROUP:
            text = values.get("filter_expression")
            is_unknown = "filter_expression" in resource.unknown
            groups.append(Group(_name(resource, "group_name"), None if is_unknown else str(text or "")))
        elif missing := sorted(resource.unknown & {"rule_name", *RULE_MEMBERS}):
            unknown.append(f"{resource.address} ({', '.join(missing)})")
        else:
            members = {wire: values.get(member) for member, wire in RULE_MEMBERS.items()}
            documents.append((_name(resource, "rule_name"), members))
    if not (groups or documents or unknown):
        return None
    rules, broken = rules_of(documents)
    return Subject(
        prefix="plan.",
        place=f"{asked.place}, and plan anew ({_files(plans)})",
        service_name=asked.service_name,
        groups=tuple(groups),
        rules=rules,
        broken=broken,
        unknown=tuple(unknown),
        allows_ignored_rules=asked.allows_ignored_rules,
        names=names,
    )


def _files(plans: Iterable[Plan]) -> str:
    """Return the names of the plans that have groups or rules."""
    return ", ".join(plan.name for plan in plans if any(True for _ in _resources([plan], GROUP, RULE)))


def _name(resource: Resource, member: str) -> str:
    return str(resource.values.get(member) or resource.address)


def _resources(plans: Iterable[Plan], *types: str) -> Iterator[Resource]:
    for plan in plans:
        yield from (resource for resource in plan.resources() if resource.type in types)


def destroyed(plans: Iterable[Plan]) -> list[str]:
    """Return the groups and rules that the plans destroy, by name, with what becomes of them."""
    found = []
    for plan in plans:
        for change in plan.changes():
            actions = change["change"]["actions"]
            if change["type"] not in (GROUP, RULE) or "delete" not in actions:
                continue
            before = change["change"].get("before")
            member, kind = ("group_name", "group") if change["type"] == GROUP else ("rule_name", "rule")
            name = before.get(member) if isinstance(before, dict) else None
            fate = "replaced" if "create" in actions else "destroyed"
            found.append(f"{kind} {name or change['address']} is {fate}")
    return found
