"""Why a thing that is there can't be taken over: it is another's, or its values can't be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import filters, honeycomb_key
from scripts.adopt.hcl import has_template
from scripts.adopt.reading import SECURE, STRING
from scripts.adopt.things import GROUP, LOG_GROUP, PARAMETER, RULE, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.adopt.asked import Asked

CLOUDFORMATION = "aws:cloudformation:stack-name"
OWNERS = ("Project", "Service", "Environment")


def reason(thing: Thing, asked: Asked, wanted: Mapping[str, str]) -> str | None:
    """Return why *thing* is left out, or None. *wanted* has the values that parameters must have."""
    return (
        _elsewhere(thing, asked)
        or _anothers(thing, asked)
        or _unspeakable(thing)
        or {GROUP: _group, LOG_GROUP: _log_group}.get(thing.kind, _nothing)(thing)
        or (_parameter(thing, wanted) if thing.kind == PARAMETER else None)
    )


def _nothing(_thing: Thing) -> None:
    return None


def _elsewhere(thing: Thing, asked: Asked) -> str | None:
    parts = thing.arn.split(":")
    if len(parts) < 6 or (parts[3], parts[4]) == (asked.region, asked.account_id):
        return None
    return (
        f"it is of account {parts[4]} in {parts[3]}, and this environment's is {asked.account_id} in "
        f"{asked.region}"
    )


def _anothers(thing: Thing, asked: Asked) -> str | None:
    stack = thing.tags.get(CLOUDFORMATION)
    if stack is not None:
        return f"CloudFormation has it, in stack {stack}: take it out of that first"
    if thing.tags.get("ManagedBy") != asked.tags["ManagedBy"]:
        return None
    other = [f"{name}={thing.tags[name]}" for name in OWNERS if name in thing.tags]
    if all(thing.tags.get(name, asked.tags[name]) == asked.tags[name] for name in OWNERS):
        return None
    key = asked.key_of(thing.name) if thing.kind == RULE else None
    drop = f": set `sampling_rules = {{ {key} = null }}` in env.hcl" if key else ""
    return f"another configuration has it under Terragrunt ({', '.join(other)}){drop}"


def _unspeakable(thing: Thing) -> str | None:
    """Nested inputs can't hold templates' marks; a rule is one, tags and descriptions are."""
    nested: Iterable[object] = [_kept(thing.tags)]
    if thing.kind == RULE:
        nested = [thing.values, thing.name, _kept(thing.tags)]
    elif thing.kind == GROUP:
        nested = [thing.name, _kept(thing.tags)]
    elif thing.kind == PARAMETER:
        nested = [thing.values["description"], _kept(thing.tags)]
    if any(has_template(one) for one in nested):
        return "a value has ${ or %{, which Terragrunt can't hand on to Terraform in such a place"
    return None


def _kept(tags: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in tags.items() if not name.startswith("aws:")}


def _group(thing: Thing) -> str | None:
    expression = thing.values["filter_expression"]
    if not expression.strip():
        return "its filter is empty, which takes every trace and which stack xray refuses: give it one first"
    why = filters.problem(expression)
    return f"its filter can't be read: {why}" if why else None


def _log_group(thing: Thing) -> str | None:
    if thing.values["logs_retention_days"] is not None:
        return None
    return "it keeps lines for ever, and unit logs has a number of days: set its retention first"


def _parameter(thing: Thing, wanted: Mapping[str, str]) -> str | None:
    kind = thing.values["type"]
    if kind == SECURE:
        return "it is a SecureString, and the stack has a plain String: delete it, apply makes it"
    if kind != STRING:
        return f"it is a {kind}, and the stack has a String: delete it, apply makes it"
    if thing.values["allowed_pattern"]:
        return "it has an allowed pattern, which the stack doesn't have: take that away first"
    value = thing.values["value"]
    if honeycomb_key.is_surely_one(value):
        return (
            "its value has the shape of a Honeycomb key, which must not come into the state: delete it, and "
            "apply makes it; who could read it has the key, so make a new one"
        )
    below = thing.own or ""
    if below in wanted and value != wanted[below]:
        return (
            f"it has another value than {wanted[below]}, which the configuration gives it: "
            f"correct one of both"
        )
    return None
