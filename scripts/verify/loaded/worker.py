"""What one worker told: the document of the backend's `tracing.loaded`, read strictly.

Written by backend-flask/services/tracing/loaded/document.py; nothing of it is taken on trust.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from xray.rules import SamplingRule

if TYPE_CHECKING:
    from collections.abc import Mapping

STOP = "stop"
"""The cause with which a worker tells that it ends."""
COLLECTOR = "collector"
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Version:
    """Which version of a parameter: SSM's number, and when it was written."""

    number: int
    modified: datetime


@dataclass(frozen=True)
class HeldKey:
    """The key that a worker uses: a parameter's version, or None where a variable gave it."""

    version: int | None
    fingerprint: str | None


@dataclass(frozen=True)
class HeldGroup:
    """The X-Ray group that a worker loaded."""

    name: str
    arn: str
    filter_expression: str


@dataclass(frozen=True)
class Worker:
    """What one worker loaded. ``rules`` and ``group`` are None where they were too long to be told.

    ``is_cut`` tells that something was: then rules and parameters that are missing may be loaded.
    """

    name: str
    cause: str
    number: int
    version: str
    service_name: str
    service_type: str
    mode: str
    parameter_path: str | None
    parameters: Mapping[str, Version] = field(hash=False)
    key: HeldKey | None
    group: HeldGroup | None
    rules: Mapping[str, tuple[SamplingRule, bool]] | None = field(hash=False)
    seat: tuple[object, ...] = ()
    is_cut: bool = False

    @property
    def has_ended(self) -> bool:
        """Tell whether it said that it ends."""
        return self.cause == STOP


def read(document: object, *, with_host: bool) -> Worker:
    """Return what *document* tells; a worker is named by its pid, *with_host* by host or task too.

    Raises ValueError, which names the member, for anything that isn't such a document.
    """
    if not isinstance(document, dict):
        raise ValueError("no object")  # noqa: TRY004 - what is wrong is the document, not the program
    pid, slot = member(document, "pid", int), optional(document, "slot", int)
    master = optional(document, "master", int)
    place = optional(document, "task", str) or optional(document, "host", str) or "?"
    rules = optional(document, "rules", list)
    group = optional(document, "group", dict)
    key = optional(document, "key", dict)
    return Worker(
        name=f"{place}/{pid}" if with_host else str(pid),
        cause=member(document, "cause", str),
        number=member(document, "number", int),
        version=member(document, "version", str),
        service_name=member(document, "service_name", str),
        service_type=member(document, "service_type", str),
        mode=member(document, "mode", str),
        parameter_path=optional(document, "parameter_path", str),
        parameters={
            str(name): _version(found) for name, found in member(document, "parameters", dict).items()
        },
        key=None
        if key is None
        else HeldKey(optional(key, "version", int), optional(key, "fingerprint", str)),
        group=None
        if group is None
        else HeldGroup(
            member(group, "name", str), member(group, "arn", str), member(group, "filter_expression", str)
        ),
        rules=None if rules is None else dict(_rule(rule) for rule in rules),
        seat=(place, pid) if slot is None else (place, master, f"slot {slot}"),
        is_cut=bool(optional(document, "is_cut", bool)),
    )


def _version(document: object) -> Version:
    if not isinstance(document, dict):
        raise ValueError("parameters is no object of versions")  # noqa: TRY004
    modified = datetime.fromisoformat(member(document, "last_modified", str))
    if modified.tzinfo is None:
        raise ValueError("last_modified has no time zone")
    return Version(member(document, "version", int), modified)


def _rule(document: object) -> tuple[str, tuple[SamplingRule, bool]]:
    if not isinstance(document, dict):
        raise ValueError("rules is no list of objects")  # noqa: TRY004
    rule = SamplingRule(
        rule_name=member(document, "name", str),
        priority=member(document, "priority", int),
        fixed_rate=member(document, "fixed_rate", (int, float)),
        reservoir_size=member(document, "reservoir_size", int),
        service_name=member(document, "service_name", str),
        service_type=member(document, "service_type", str),
        host=member(document, "host", str),
        http_method=member(document, "http_method", str),
        url_path=member(document, "url_path", str),
    )
    return rule.rule_name, (rule, member(document, "decides", bool))


def member(document: Mapping[Any, Any], name: str, kind: type[_Kind] | tuple[type[_Kind], ...]) -> _Kind:
    """Return a member of a document. Raises ValueError where it is missing or no *kind*."""
    value = document.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} is missing or of another type")
    return value


def optional(document: Mapping[Any, Any], name: str, kind: type[_Kind]) -> _Kind | None:
    """Return the same of a member that may be missing, or null."""
    return None if document.get(name) is None else member(document, name, kind)
