"""Removes from X-Ray what the run made, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.conform.brooms import NotRemovedError
from scripts.conform.xray_calls import Refusal

if TYPE_CHECKING:
    from scripts.conform.xray_calls import XRayCalls


def group(xray: XRayCalls, name: str) -> None:
    """Remove the group *name*, if it is there. Raises NotRemovedError."""
    answer = xray.ask("DeleteGroup", GroupName=name)
    if isinstance(answer, Refusal):
        found = {one.get("GroupName") for one in _listed(xray, "GetGroups", "Groups")}
        _demand(answer, gone=name not in found)


def rule(xray: XRayCalls, name: str) -> None:
    """Remove the sampling rule *name*, if it is there. Raises NotRemovedError."""
    answer = xray.ask("DeleteSamplingRule", RuleName=name)
    if isinstance(answer, Refusal):
        records = _listed(xray, "GetSamplingRules", "SamplingRuleRecords")
        _demand(answer, gone=name not in {one.get("SamplingRule", {}).get("RuleName") for one in records})


def _listed(xray: XRayCalls, operation: str, member: str) -> list[dict[str, Any]]:
    """Return every page: a refusal is no proof that a thing is gone, its absence here is."""
    found: list[dict[str, Any]] = []
    request: dict[str, Any] = {}
    while True:
        page = xray(operation, **request)
        found += page[member]
        if not page.get("NextToken"):
            return found
        request["NextToken"] = page["NextToken"]


def _demand(answer: Refusal, *, gone: bool) -> None:
    if not gone:
        raise NotRemovedError(f"{answer.code}: {answer.message}")
