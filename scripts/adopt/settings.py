"""The settings that make the configuration ask for exactly what is there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scripts.adopt.asked import SERVICE
from scripts.adopt.things import ENCRYPTION, GROUP, LOG_GROUP, PARAMETER, RULE, Thing

if TYPE_CHECKING:
    from scripts.adopt.asked import Asked

Settings = dict[str, Any]
_SETTING_OF = {"honeycomb/endpoint": "honeycomb_endpoint", "honeycomb/dataset": "honeycomb_dataset"}
_ANY_RESOURCE, _VERSION = "*", 1


def differing(
    asked: Asked,
    names: Mapping[str, str],
    things: Sequence[Thing],
    inputs: Mapping[str, Mapping[str, Any]],
) -> Settings:
    """Return, by names of env.hcl, what *things* have otherwise than the configuration asks for.

    *names* are the rules' names by key, as they will be; *inputs* the units' inputs as they are.
    """
    found: Settings = {}
    group = next((thing.name for thing in things if thing.kind == GROUP), asked.group_name)
    if group != asked.group_name and not asked.settings["service_name"]:
        inputs = _reporting_as(group, asked, inputs)
    for thing in things:
        if thing.kind == GROUP:
            found |= _other(thing.values, inputs["xray"])
        elif thing.kind == ENCRYPTION:
            found |= _encryption(thing.values["encryption"], asked.settings["encryption"])
        elif thing.kind == LOG_GROUP:
            found |= _other(thing.values, asked.settings)
        elif thing.kind == PARAMETER:
            found |= _parameter(thing, inputs)
    rules = _rules(asked, names, [thing for thing in things if thing.kind == RULE], inputs.get("xray", {}))
    if (
        "group_name" in found
        and SERVICE in names
        and not asked.service_rule_name
        and names[SERVICE] != found["group_name"]
    ):
        # The group gets another name, and this rule keeps the one that it has.
        rules = {SERVICE: {"name": names[SERVICE], **rules.pop(SERVICE, {})}, **rules}
    if rules:
        found["sampling_rules"] = rules
    if any(_ignored(thing) for thing in things) and not asked.settings["allow_rules_that_sdks_ignore"]:
        found["allow_rules_that_sdks_ignore"] = True
    return _with_own(found, asked, things)


def _reporting_as(name: str, asked: Asked, inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Settings]:
    """Return *inputs* as they will be: the service's name is the group's, and what is not set follows it."""
    found = {unit: dict(values) for unit, values in inputs.items()}
    xray, honeycomb = found.get("xray", {}), found.get("honeycomb", {})
    if asked.settings["filter_expression"] is None:
        xray["filter_expression"] = f'service("{name}")'
    if not asked.settings["honeycomb_dataset"]:
        honeycomb["dataset"] = name
    keys = {rule: key for key, rule in asked.rule_names.items()}
    xray["sampling_rules"] = {
        rule: values | ({} if "service_name" in _given(asked, keys.get(rule)) else {"service_name": name})
        for rule, values in xray.get("sampling_rules", {}).items()
    }
    return found


def _given(asked: Asked, key: str | None) -> Mapping[str, Any]:
    return asked.settings["sampling_rules"].get(key) or {}


def _other(values: Mapping[str, Any], asked: Mapping[str, Any]) -> Settings:
    return {name: value for name, value in values.items() if asked.get(name) != value}


def _encryption(there: Mapping[str, Any], asked: Mapping[str, Any]) -> Settings:
    same = (there["type"], there["key_id"]) == (asked["type"], asked.get("key_id"))
    return {} if same else {"encryption": {name: value for name, value in there.items() if value is not None}}


def _parameter(thing: Thing, inputs: Mapping[str, Mapping[str, Any]]) -> Settings:
    setting = _SETTING_OF.get(thing.own or "")
    if setting is None or inputs["honeycomb"][setting.removeprefix("honeycomb_")] == thing.values["value"]:
        return {}
    return {setting: thing.values["value"]}


def _rules(
    asked: Asked, names: Mapping[str, str], rules: Sequence[Thing], inputs: Mapping[str, Any]
) -> Settings:
    keys = {name: key for key, name in names.items()}
    there = inputs.get("sampling_rules", {})
    before = {key: there.get(name, {}) for key, name in asked.rule_names.items()}
    found: Settings = {}
    for rule in rules:
        key = keys.get(rule.name)
        if key is None:
            key = _new_key(rule.name, asked.prefix, {*names, *found, *asked.dropped_rules})
            named = {} if rule.name == f"{asked.prefix}{key}" else {"name": rule.name}
            found[key] = {**named, **rule.values}
            continue
        other = _other(rule.values, before.get(key, {}))
        if other:
            found[key] = other
    return found


def _new_key(name: str, prefix: str, taken: set[str]) -> str:
    """Return a key for a rule that nobody asked for: what follows the prefix, else its whole name."""
    wanted = name.removeprefix(prefix) or name
    if wanted not in taken and wanted != SERVICE:
        return wanted
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return name if name not in taken and name != SERVICE else f"{name}-{number}"


def _ignored(thing: Thing) -> bool:
    values = thing.values
    return thing.kind == RULE and (
        bool(values["attributes"]) or values["resource_arn"] != _ANY_RESOURCE or values["version"] != _VERSION
    )


def _with_own(found: Settings, asked: Asked, things: Sequence[Thing]) -> Settings:
    """Add each thing's own tags, and of parameters the description, which may be empty."""
    for thing in things:
        if thing.own is None:
            continue
        own = {
            name: value
            for name, value in thing.tags.items()
            if not name.startswith("aws:") and asked.tags.get(name) != value
        }
        if own:
            found.setdefault("resource_tags", {}).setdefault(thing.unit, {})[thing.own] = own
        if thing.kind == PARAMETER:
            texts = found.setdefault("resource_descriptions", {}).setdefault(thing.unit, {})
            texts[thing.own] = thing.values["description"]
            imported = found.setdefault("imported_parameters", {})
            there = imported.get(thing.unit, asked.settings["imported_parameters"].get(thing.unit, []))
            imported[thing.unit] = sorted({*there, thing.own})
    for name in ("resource_tags", "resource_descriptions"):
        if name in found and found[name] == _common(found[name], asked.settings[name]):
            del found[name]
    if all(
        asked.settings["imported_parameters"].get(unit) == names
        for unit, names in found.get("imported_parameters", {}).items()
    ):
        found.pop("imported_parameters", None)
    return found


def _common(some: Mapping[str, Any], all_of: Mapping[str, Any]) -> Settings:
    """Return what *all_of* has of *some*'s units and resources."""
    return {
        unit: {name: all_of[unit][name] for name in own if name in all_of.get(unit, {})}
        for unit, own in some.items()
    }


def merged(asked: Asked, changes: Mapping[str, Any]) -> Settings:
    """Return all that is to stand in adopted.hcl: what stood there, with *changes* over it.

    A setting there goes before env.hcl's as a whole, a sampling rule's one by one; so what env.hcl has of
    single resources' tags and descriptions comes with it.
    """
    found = dict(asked.adopted)
    for name, value in changes.items():
        if name == "sampling_rules":
            found[name] = _over(found.get(name, {}), value, depth=1)
        elif name in {"resource_tags", "resource_descriptions", "imported_parameters"}:
            found[name] = _over(asked.settings[name], value, depth=1)
        else:
            found[name] = value
    return found


def _over(below: Mapping[str, Any], above: Mapping[str, Any], *, depth: int) -> Settings:
    found = dict(below)
    for name, value in above.items():
        deeper = depth and isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
        found[name] = _over(found[name], value, depth=depth - 1) if deeper else value
    return found
