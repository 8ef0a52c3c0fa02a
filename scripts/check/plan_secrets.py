"""Secrets that a plan's JSON holds in clear. They are named by their place; their values go nowhere.

Terraform marks a value as sensitive and prints it all the same in JSON (developer.hashicorp.com/terraform/
internals/json-format: "sensitive values ... will be included"), so that whoever gets the file has it.
Honeycomb's shapes: docs.honeycomb.io/api/authentication; AWS's: the IAM user guide, unique identifiers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scripts import secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.check.plan_file import Plan

    _Found = Iterator[tuple[str, str, Any]]

SENSITIVE = "a sensitive value in clear"
_SHAPES = {
    "a Honeycomb key": re.compile(
        r"(?<![A-Za-z0-9])hc[a-z](?:i[kc]_[A-Za-z0-9]{58}|mk_[A-Za-z0-9]{20,})(?![A-Za-z0-9])"
    ),
    "an AWS access key": re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}
_NAMED = re.compile(r"(?:^|_)(?:secret|password|token|(?:api|access|secret|private)_key)$")
_PARAMETER_OF_A_SECRET = re.compile(r"/(?:api-key|access-token|[a-z-]*(?:secret|password)[a-z-]*)$")
_PLACE_MAX_CHARACTERS = 120


def find(plan: Plan) -> list[str]:
    """Return each secret of a plan's once: its first place, what it is, and whether it stands elsewhere.

    The values are remembered, so that no output of this process shows one, whatever else prints it.
    """
    places: dict[str, dict[str, str]] = {}
    for place, kind, value in _all(plan.document):
        if isinstance(value, str):
            secrets.remember(value)
        places.setdefault(repr(value), {}).setdefault(place, kind)
    return [_told(found) for found in places.values()]


def _told(found: Mapping[str, str]) -> str:
    place, kind = next(iter(found.items()))
    more = ", elsewhere too" if len(found) > 1 else ""
    # A place may name a secret too, and must not be cut within it.
    return f"{secrets.scrub(place)[:_PLACE_MAX_CHARACTERS]} ({kind}{more})"


def _all(document: Mapping[str, Any]) -> _Found:
    yield from _variables(document)
    planned = document["planned_values"]
    prior = (document.get("prior_state") or {}).get("values") or {}
    for name, values in (("planned_values", planned), ("prior_state", prior)):
        for output, found in (values.get("outputs") or {}).items():
            told = _object(found)
            yield from _marked(f"{name}.outputs.{output}", told.get("value"), told.get("sensitive"))
        modules = [values.get("root_module") or {}]
        while modules:
            module = modules.pop()
            modules += module.get("child_modules") or []
            for resource in module.get("resources") or []:
                place = f"{name}.{resource['address']}"
                yield from _marked(place, resource["values"], resource.get("sensitive_values"))
                yield from _parameter(place, resource["type"], resource["values"])
    for name in ("resource_changes", "resource_drift"):
        for change in document.get(name) or []:
            yield from _change(f"{name}.{change['address']}", change["type"], change["change"])
    for output, change in (document.get("output_changes") or {}).items():
        yield from _change(f"output_changes.{output}", "", _object(change))
    yield from _shaped(document)


def _variables(document: Mapping[str, Any]) -> _Found:
    declared = _object(_object(document["configuration"].get("root_module")).get("variables"))
    for name, given in _object(document.get("variables")).items():
        is_sensitive = _object(declared.get(name)).get("sensitive") is True
        yield from _marked(f"variables.{name}", _object(given).get("value"), is_sensitive)


def _object(value: Any) -> Mapping[str, Any]:
    """Return *value* where it is an object; of another one nothing is known."""
    return value if isinstance(value, dict) else {}


def _change(place: str, kind: str, change: Mapping[str, Any]) -> _Found:
    for when in ("before", "after"):
        value = change.get(when)
        yield from _marked(f"{place}.{when}", value, change.get(f"{when}_sensitive"))
        yield from _parameter(f"{place}.{when}", kind, _object(value))


def _marked(place: str, value: Any, marks: Any) -> _Found:
    """Yield what is marked as sensitive and is there; an empty text, as Terraform leaves one, is nothing."""
    stack = [(place, value, marks)]
    while stack:
        where, one, mark = stack.pop()
        if mark is True and not isinstance(one, dict | list):
            if one not in (None, "", False):
                yield where, SENSITIVE, one
        elif isinstance(one, dict):
            stack += [(f"{where}.{name}", inner, _below(mark, name)) for name, inner in one.items()]
        elif isinstance(one, list):
            stack += [(f"{where}[{at}]", inner, _below(mark, at)) for at, inner in enumerate(one)]


def _below(mark: Any, name: str | int) -> Any:
    if isinstance(mark, dict):
        return mark.get(name)
    if isinstance(mark, list) and isinstance(name, int):
        return mark[name] if name < len(mark) else None
    return mark


def _parameter(place: str, kind: str, values: Mapping[str, Any]) -> _Found:
    """Yield a secret's parameter whose value Terraform was given as a plain one."""
    if kind == "aws_ssm_parameter" and _PARAMETER_OF_A_SECRET.search(str(values.get("name") or "")):
        for member in ("value", "insecure_value"):
            if values.get(member):
                yield f"{place}.{member}", "a secret's parameter with its value in clear", values[member]


def _shaped(document: Mapping[str, Any]) -> _Found:
    """Yield every text that has a secret's shape, or stands under a name that only secrets have."""
    stack: list[tuple[str, str, Any]] = [("", "", document)]
    while stack:
        where, name, one = stack.pop()
        if isinstance(one, dict):
            for key in one:
                yield from _kinds(f"{where}: a name", "", key)
            # `variables` has {"name": {"value": ...}}: the name is one above
            below = [
                (f"{where}.{key}" if where else key, name if key == "value" else key, inner)
                for key, inner in one.items()
            ]
            stack += reversed(below)
        elif isinstance(one, list):
            stack += [(f"{where}[{at}]", name, one[at]) for at in reversed(range(len(one)))]
        elif isinstance(one, str):
            yield from _kinds(where, name, one)


def _kinds(where: str, name: str, text: str) -> _Found:
    for kind, shape in _SHAPES.items():
        if found := shape.search(text):
            yield where, kind, found[0]
            return
    if _NAMED.search(name) and len(text) >= 8 and not text.startswith(("/", "arn:")):
        yield where, "a value under a secret's name", text
