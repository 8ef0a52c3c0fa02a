"""Plans as ``terraform show -json`` prints them: found, read, and refused in one line where they are none.

Source of the form: developer.hashicorp.com/terraform/internals/json-format, format_version 1.x.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts import paths
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIZE_MAX_BYTES = 32 * 1024 * 1024
FILES_MAX = 50
_REMEDY = "give PLAN what `terraform show -json <plan>` printed"
_VERSION = "1"
_PARTS = {"planned_values": dict, "configuration": dict}
# What else may be there, and has to be of its type.
_FURTHER = {
    "resource_changes": list,
    "resource_drift": list,
    "variables": dict,
    "prior_state": dict,
    "output_changes": dict,
}


@dataclass(frozen=True)
class Resource:
    """A managed resource that a plan would leave; `unknown` are members that only an apply will tell."""

    address: str
    type: str
    values: Mapping[str, Any]
    unknown: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """One plan: the name of its file, and what it says."""

    name: str
    document: Mapping[str, Any]

    def resources(self) -> Iterator[Resource]:
        """Yield what is there after an apply, in all modules."""
        unknown = {
            change["address"]: frozenset(
                member
                for member, is_unknown in (change["change"].get("after_unknown") or {}).items()
                if is_unknown is True
            )
            for change in self.changes()
        }
        for resource in _in_modules(self.document["planned_values"].get("root_module") or {}):
            if resource.get("mode") == "managed":
                address = resource["address"]
                yield Resource(
                    address, resource["type"], resource["values"], unknown.get(address, frozenset())
                )

    def changes(self) -> list[Mapping[str, Any]]:
        """Return the planned changes of managed resources."""
        changes = self.document.get("resource_changes") or []
        return [change for change in changes if change.get("mode") == "managed"]


def _in_modules(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    modules = [root]
    while modules:
        module = modules.pop()
        yield from module.get("resources") or []
        modules += module.get("child_modules") or []


def read_all(given: str) -> list[Plan]:
    """Return the plans that *given* names: a file, several with blanks between them, or a folder of them.

    Raises OperatorError for what isn't there, or is no plan.
    """
    files = [file for name in _names(given) for file in _files(Path(name))]
    if len(files) > FILES_MAX:
        raise OperatorError(f"PLAN names {len(files)} files, expected {FILES_MAX} at most", remedy=_REMEDY)
    return [read(file) for file in dict.fromkeys(files)]


def _names(given: str) -> list[str]:
    names = [given] if Path(given).exists() else given.split()
    if not names:
        raise OperatorError("PLAN names no file", remedy=_REMEDY)
    return names


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(path.rglob("*.json"))
    if not files:
        raise OperatorError(f"{paths.shown(path)} has no file *.json", remedy=_REMEDY)
    return files


def read(file: Path) -> Plan:
    """Return the plan in *file*. Raises OperatorError, with what it is instead, where it is none."""
    shown = paths.shown(file)
    document = _parsed(shown, _content(shown, file))
    if not isinstance(document, dict) or "format_version" not in document:
        raise OperatorError(f"{shown} is no plan: it has no format_version", remedy=_REMEDY)
    version = document["format_version"]
    if not isinstance(version, str) or version.partition(".")[0] != _VERSION:
        raise OperatorError(
            f"{shown} has format_version {str(version)[:20]!r}, expected {_VERSION}.x",
            remedy="print the plan with Terraform 1.x",
        )
    if "values" in document and "planned_values" not in document:
        raise OperatorError(f"{shown} is a state, no plan", remedy=_REMEDY)
    if document.get("errored") is True:
        raise OperatorError(f"{shown} is a plan that failed half-way", remedy="plan again, and correct that")
    _require_form(shown, document)
    return Plan(shown, document)


def _content(shown: str, file: Path) -> bytes:
    try:
        if file.exists() and not file.is_file():
            raise OperatorError(f"{shown} is no file", remedy=_REMEDY)
        with file.open("rb") as source:
            content = source.read(SIZE_MAX_BYTES + 1)
    except OSError as error:
        raise OperatorError(f"{shown} can't be read ({error.strerror})", remedy=_REMEDY) from error
    if len(content) > SIZE_MAX_BYTES:
        raise OperatorError(f"{shown} has more than {SIZE_MAX_BYTES // 1024**2} MiB", remedy=_REMEDY)
    if content.startswith(b"PK\x03\x04"):
        raise OperatorError(f"{shown} is the plan itself, not its JSON", remedy=_REMEDY)
    return content


def _parsed(shown: str, content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise OperatorError(f"{shown} is no JSON: it isn't text in UTF-8", remedy=_REMEDY) from error
    except RecursionError as error:
        raise OperatorError(f"{shown} is nested too deep to be a plan", remedy=_REMEDY) from error
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise OperatorError(f"{shown} is no JSON ({reason})", remedy=_REMEDY) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _require_form(shown: str, document: Mapping[str, Any]) -> None:
    """Raise OperatorError where a part that is looked at is missing, or is of another form."""
    try:
        missing = [name for name in _PARTS if name not in document]
        for name, kind in {**_PARTS, **_FURTHER}.items():
            _require(name, document.get(name, kind()), kind)
        for name in ("planned_values", "prior_state"):
            values = document.get(name) or {}
            values = values if name == "planned_values" else values.get("values") or {}
            _require(name, values, dict)
            _require(f"{name}.outputs", values.get("outputs") or {}, dict)
            _require_modules(name, values.get("root_module") or {})
        # Terraform leaves the changes out where there is nothing at all, neither before nor after.
        planned = document.get("planned_values", {}).get("root_module") or {}
        if "resource_changes" not in document and any(True for _ in _in_modules(planned)):
            missing.append("resource_changes")
        for name in ("resource_changes", "resource_drift"):
            for change in document.get(name) or []:
                _require_change(name, change)
    except _OddForm as error:
        raise OperatorError(f"{shown} is no plan as Terraform prints it: {error}", remedy=_REMEDY) from error
    if missing:
        raise OperatorError(f"{shown} is no whole plan: it has no {', '.join(missing)}", remedy=_REMEDY)


class _OddForm(Exception):
    """A part is of another form than Terraform's."""


def _require(name: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        raise _OddForm(f"{name} is {type(value).__name__}, expected {kind.__name__}")


def _require_modules(name: str, root: Any) -> None:
    modules = [root]
    while modules:
        module = modules.pop()
        _require(f"{name}: a module", module, dict)
        for part in ("resources", "child_modules"):
            _require(f"{name}: {part}", module.get(part) or [], list)
        modules += module.get("child_modules") or []
        for resource in module.get("resources") or []:
            _require(f"{name}: a resource", resource, dict)
            for member in ("address", "type"):
                _require(f"{name}: a resource's {member}", resource.get(member), str)
            _require(f"{name}: values of {resource['address'][:80]}", resource.get("values"), dict)


def _require_change(name: str, change: Any) -> None:
    _require(f"{name}: a change", change, dict)
    for member in ("address", "type"):
        _require(f"{name}: a change's {member}", change.get(member), str)
    inner = change.get("change")
    _require(f"{name}: change of {change['address'][:80]}", inner, dict)
    _require(f"{name}: actions of {change['address'][:80]}", inner.get("actions"), list)
    _require(f"{name}: after_unknown of {change['address'][:80]}", inner.get("after_unknown") or {}, dict)
