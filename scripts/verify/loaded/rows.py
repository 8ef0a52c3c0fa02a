"""Rows of group and rules: what is asked for, what AWS has, what workers loaded. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.verify.loaded.ways import NONE, NOT_ASKED, NOT_TOLD, Cell, Row
from xray.rules import DEFAULT_RULE_NAME, SamplingRule
from xray.sampling import ignored_by_sdks, wildcard_match

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.verify.expected import Group
    from scripts.verify.loaded.worker import Worker

_MEMBERS = (
    "Priority",
    "FixedRate",
    "ReservoirSize",
    "ServiceName",
    "ServiceType",
    "Host",
    "HTTPMethod",
    "URLPath",
    "ResourceARN",
    "Version",
    "Attributes",
)
_SUMMARY = _MEMBERS[:3]
_WILDCARDS = set("*?")


def group_rows(asked: Group, aws: Mapping[str, Any] | None, workers: Sequence[Worker]) -> list[Row]:
    """Return name, filter and ARN of the group; *aws* is GetGroup's answer, None where there is none."""
    held = {worker.name: worker.group for worker in workers}

    def loaded(member: str) -> dict[str, Cell]:
        return {
            name: NOT_TOLD if group is None else _cell(getattr(group, member)) for name, group in held.items()
        }

    found = aws or {}
    here = None if aws is None else asked.name
    return [
        Row("group", _cell(asked.name), _cell(here), loaded("name")),
        Row(
            "group: filter",
            _cell(asked.filter_expression),
            NONE if aws is None else _cell(found.get("FilterExpression", "")),
            loaded("filter_expression"),
        ),
        Row("group: ARN", NOT_ASKED, _cell(found.get("GroupARN")), loaded("arn")),
    ]


def rule_rows(
    asked: Mapping[str, Mapping[str, Any]],
    aws: Mapping[str, Mapping[str, Any]],
    workers: Sequence[Worker],
) -> list[Row]:
    """Return a row for each rule that is asked for, and for others that decide requests of these workers.

    Where a rule's values differ, a row for each such value. A rule that names this service by name and that
    nobody asked for counts as drift; one with a wildcard may be another team's and doesn't.
    """
    in_aws = {name: SamplingRule.from_api({"Attributes": {}, **rule}) for name, rule in aws.items()}
    names = list(asked)
    names += [name for name, rule in in_aws.items() if name not in asked and _concerns(rule, workers)]
    for worker in workers:
        decisive = [name for name, (_, decides) in (worker.rules or {}).items() if decides]
        names += [name for name in decisive if name not in names]
    rows: list[Row] = []
    for name in names:
        rows += _of_rule(name, asked.get(name), in_aws.get(name), workers)
    return rows


def _of_rule(
    name: str, asked: Mapping[str, Any] | None, aws: SamplingRule | None, workers: Sequence[Worker]
) -> list[Row]:
    found = None if aws is None else _values(aws)
    skipped = None if aws is None else ignored_by_sdks(aws)
    held: dict[str, dict[str, Any] | Cell | None] = {}
    for worker in workers:
        if worker.rules is None:
            held[worker.name] = NOT_TOLD
        elif name in worker.rules:
            held[worker.name] = _values(worker.rules[name][0])
        elif worker.is_cut and skipped is None:
            held[worker.name] = NOT_TOLD
        else:
            # No worker loads what SDKs ignore: then having none is right.
            held[worker.name] = None if skipped is None else Cell("(ignored, as by all SDKs)", is_known=False)
    what = f"rule {name}"
    wanted = None if asked is None else {member: asked.get(member) for member in _MEMBERS}
    rules = [rule for rule in (wanted, found, *held.values()) if isinstance(rule, dict)]
    is_missing = found is None or any(rule is None for rule in held.values())
    different = [member for member in _MEMBERS if len({_value(rule[member]) for rule in rules}) > 1]
    rows = []
    if wanted is None or is_missing or not different:
        rows.append(Row(what, _asked(wanted, found, rules), _whole(found), _each(held, None)))
    if found is not None and not is_missing:
        rows += [
            Row(
                f"{what}: {member}",
                NOT_ASKED if wanted is None else _cell(wanted[member]),
                _cell(found[member]),
                _each(held, member),
            )
            for member in different
        ]
    return rows


def _asked(wanted: dict[str, Any] | None, found: dict[str, Any] | None, rules: list[dict[str, Any]]) -> Cell:
    if wanted is not None:
        return _whole(wanted)
    known = found or rules[0]
    is_for_us = not set(str(known["ServiceName"])) & _WILDCARDS
    return Cell(NOT_ASKED.shown) if is_for_us else NOT_ASKED


def _each(held: Mapping[str, dict[str, Any] | Cell | None], member: str | None) -> dict[str, Cell]:
    cells = {}
    for name, rule in held.items():
        if isinstance(rule, Cell):
            cells[name] = rule
        elif member is None:
            cells[name] = _whole(rule)
        else:
            cells[name] = NONE if rule is None else _cell(rule[member])
    return cells


def _concerns(rule: SamplingRule, workers: Sequence[Worker]) -> bool:
    """Tell whether requests of one of *workers* can fall under a rule: Default too, not what SDKs ignore."""
    if rule.rule_name == DEFAULT_RULE_NAME:
        return True
    return ignored_by_sdks(rule) is None and any(
        wildcard_match(rule.service_name, worker.service_name)
        and wildcard_match(rule.service_type, worker.service_type)
        for worker in workers
    )


def _values(rule: SamplingRule) -> dict[str, Any]:
    values = rule.to_api()
    return {member: values[member] for member in _MEMBERS}


def _whole(rule: dict[str, Any] | None) -> Cell:
    if rule is None:
        return NONE
    shown = ", ".join(f"{member}={_text(rule[member])}" for member in _SUMMARY)
    return Cell(shown, tuple(_value(rule[member]) for member in _MEMBERS))


def _cell(value: Any) -> Cell:
    return NONE if value is None else Cell(_text(value), _value(value))


def _value(value: Any) -> Any:
    """Return a value that can be compared: attributes are a mapping."""
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
