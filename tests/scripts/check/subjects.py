"""What the checks are given: the rendered units with single settings changed, and recorded plans."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.check import plan_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.check.plan_file import Plan
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result

NAME, HEALTH = "cruddur-local-backend-flask", "cruddur-local-health"
DATA = Path(__file__).with_name("data")
"""Printed by Terraform 1.11.4 with the AWS provider 5.100.0 of the stacks, against the local cloud."""
_ANYTHING = {
    "service_type": "*",
    "host": "*",
    "http_method": "*",
    "url_path": "*",
    "resource_arn": "*",
    "version": 1,
    "attributes": {},
}


def changed(units: Mapping[str, Unit], unit: str = "xray", **inputs: Any) -> dict[str, Unit]:
    """Return the units with some inputs of one changed."""
    return {**units, unit: replace(units[unit], inputs={**units[unit].inputs, **inputs})}


def with_service_name(units: Mapping[str, Unit], name: str) -> dict[str, Unit]:
    """Return the units of a backend that reports under another name, which nothing else knows of."""
    return {key: replace(unit, target=replace(unit.target, service_name=name)) for key, unit in units.items()}


def with_rules(units: Mapping[str, Unit], **rules: Mapping[str, Any] | None) -> dict[str, Unit]:
    """Return the units with rules added (`-` for `_` in names), changed, or with None left out."""
    asked: dict[str, Any] = dict(units["xray"].inputs["sampling_rules"])
    named = {"service": NAME, "health": HEALTH}
    for key, settings in rules.items():
        name = named.get(key, key.replace("_", "-"))
        if settings is None:
            del asked[name]
        else:
            new = {**_ANYTHING, "service_name": NAME, "reservoir_size": 1, "fixed_rate": 0.1}
            asked[name] = {**asked.get(name, new), **settings}
    return changed(units, sampling_rules=asked)


def document(name: str) -> dict[str, Any]:
    """Return a recorded plan's document."""
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return found


def resource(plan: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Return the values that a resource of a plan's would have."""
    resources = plan["planned_values"]["root_module"]["resources"]
    values: dict[str, Any] = next(one["values"] for one in resources if one["address"] == address)
    return values


def change(plan: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Return what a plan does to a resource."""
    found: dict[str, Any] = next(
        one["change"] for one in plan["resource_changes"] if one["address"] == address
    )
    return found


def read(folder: Path, *documents: Mapping[str, Any]) -> list[Plan]:
    """Return plans written to files and read as the command reads them."""
    for number, one in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(one))
    return plan_file.read_all(str(folder))


def by_id(results: Iterable[Result]) -> dict[str, Result]:
    """Return results by their ids, each of which is there once."""
    results = list(results)
    found = {result.id: result for result in results}
    assert len(found) == len(results)
    return found


def ids_of(results: Iterable[Result], status: str = "fail") -> set[str]:
    """Return the ids of the checks that came out so."""
    return {result.id for result in results if result.status == status}
