"""Secrets that a plan's JSON holds in clear. They are named by their place; their values go nowhere.

Terraform marks a value as sensitive and prints it all the same in JSON (developer.hashicorp.com/terraform/
internals/json-format: "sensitive values ... will be included"), so that whoever gets the file has it.
Honeycomb's shapes: docs.honeycomb.io/api/authentication; AWS's: the IAM user guide, unique identifiers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts import honeycomb_key, secrets

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
_HEADER = re.compile(r"x-honeycomb-team\s*[=:]\s*([A-Za-z0-9_]{8,})", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:^|_)(?:secret|password|token|(?:api|access|secret|private)_?key|x_honeycomb_team)$", re.IGNORECASE
)
_BETWEEN_WORDS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
# Members that hold what their owner's name, or a member beside them, says; and such members.
_VALUES = {"value", "constant_value", "default", "before", "after"}
_NAMES = ("name", "key")
_PARAMETER_OF_A_SECRET = re.compile(r"/(?:api-key|access-token|[a-z-]*(?:secret|password)[a-z-]*)$")
_PLACE_MAX_CHARACTERS = 120
# A text that is JSON is looked into: so much of it, and texts within texts so deep.
_JSON_MAX_CHARACTERS = 1024 * 1024
_JSON_MAX_DEPTH = 3


@dataclass(frozen=True)
class Secret:
    """A secret by its first place in a plan, and what it is. As text it is scrubbed, at each place's cost."""

    plan: str
    place: str
    kind: str
    is_elsewhere: bool

    def __str__(self) -> str:
        more = ", elsewhere too" if self.is_elsewhere else ""
        # A place may name a secret too, and must not be cut within it.
        place = secrets.scrub(self.place)[:_PLACE_MAX_CHARACTERS]
        return f"{self.plan}: {place} ({self.kind}{more})"


def find(plan: Plan) -> list[Secret]:
    """Return each secret of a plan's once: its first place, what it is, and whether it stands elsewhere.

    The values are remembered, so that no output of this process shows one, whatever else prints it.
    """
    places: dict[str, dict[str, str]] = {}
    for place, kind, value in _all(plan.document):
        if isinstance(value, str):
            secrets.remember(value)
        places.setdefault(repr(value), {}).setdefault(place, kind)
    return [Secret(plan.name, *next(iter(found.items())), len(found) > 1) for found in places.values()]


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
    """Yield a secret's parameter whose value Terraform was given as a plain one, and any that is a key."""
    if kind != "aws_ssm_parameter":
        return
    is_of_a_secret = _PARAMETER_OF_A_SECRET.search(str(values.get("name") or ""))
    for member in ("value", "insecure_value"):
        value = values.get(member)
        if value and is_of_a_secret:
            yield f"{place}.{member}", "a secret's parameter with its value in clear", value
        elif isinstance(value, str) and _is_bare_key(value.strip()):
            yield f"{place}.{member}", "a Honeycomb key", value


def _is_bare_key(text: str) -> bool:
    """Tell whether *text* is as a key of Honeycomb's without a prefix: of all kinds of characters, or hex."""
    kind = honeycomb_key.kind(text)
    kinds = (str.isdigit, str.isupper, str.islower)
    return kind == "classic" or (kind == "configuration" and all(any(map(one, text)) for one in kinds))


def _shaped(document: Mapping[str, Any]) -> _Found:
    """Yield every text that has a secret's shape, or stands under a name that only secrets have."""
    stack: list[tuple[str, str, Any, int]] = [("", "", document, 0)]
    while stack:
        where, name, one, depth = stack.pop()
        if isinstance(one, dict):
            for key in one:
                yield from _kinds(f"{where}: a name", "", key)
            below = [
                (f"{where}.{key}" if where else key, _name_of(key, name, one), inner, depth)
                for key, inner in one.items()
            ]
            stack += reversed(below)
        elif isinstance(one, list):
            stack += [(f"{where}[{at}]", name, one[at], depth) for at in reversed(range(len(one)))]
        elif isinstance(one, str):
            inner = _json(one) if depth < _JSON_MAX_DEPTH else None
            if inner is None or _is_named(name):
                yield from _kinds(where, name, one)
            else:
                stack.append((where, name, inner, depth + 1))


def _name_of(key: str, above: str, owner: Mapping[str, Any]) -> str:
    """Return the name that says what the member *key* of *owner* is.

    `variables` has {"name": {"value": ...}}, a container's environment {"name": "...", "value": ...}.
    """
    if key.lower() not in _VALUES:
        return key
    beside = (text for member, text in owner.items() if member.lower() in _NAMES and isinstance(text, str))
    return next((text for text in beside if _is_named(text)), above)


def _is_named(name: str) -> bool:
    return _NAMED.search(_BETWEEN_WORDS.sub("_", name)) is not None


def _json(text: str) -> dict[str, Any] | list[Any] | None:
    """Return what a text holds that is a JSON object or array, None for any other."""
    if len(text) > _JSON_MAX_CHARACTERS or not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found: dict[str, Any] | list[Any] = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _kinds(where: str, name: str, text: str) -> _Found:
    for kind, shape in _SHAPES.items():
        if found := shape.search(text):
            yield where, kind, found[0]
            return
    if found := _HEADER.search(text):
        yield where, "a Honeycomb key", found[1]
    elif _is_named(name) and len(text) >= 8 and not text.startswith(("/", "arn:")):
        yield where, "a value under a secret's name", text
