"""What is looked at in plans alone: secrets in clear, and groups and rules that would be destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.check import plan_secrets
from scripts.check.planned import destroyed
from scripts.check.rules import listed
from scripts.verify.check import Result, failed, passed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.check.plan_file import Plan


def results(plans: Sequence[Plan], *, may_destroy: bool) -> list[Result]:
    """Return the checks of the plans; *may_destroy*: what is destroyed is named, and no failure."""
    return [_secrets(plans), _destroyed(plans, may_destroy=may_destroy)]


def _secrets(plans: Sequence[Plan]) -> Result:
    expected = "no secret in clear"
    found = [secret for plan in plans for secret in plan_secrets.find(plan)]
    if not found:
        return passed("plan.secrets", expected, f"none in {listed([plan.name for plan in plans])}")
    remedy = (
        "delete the file and every copy, replace what it shows, and hand secrets over as write-only arguments"
        " and ephemeral variables"
    )
    return failed("plan.secrets", expected, listed(found), remedy)


def _destroyed(plans: Sequence[Plan], *, may_destroy: bool) -> Result:
    found = destroyed(plans)
    if may_destroy:
        return passed("plan.destroy", "what is destroyed is meant to be", listed(found) or "nothing")
    expected = "no group and no rule is destroyed or replaced"
    if not found:
        return passed("plan.destroy", expected, "none")
    remedy = "look whether that is meant, and give DESTROY=1 where it is"
    return failed("plan.destroy", expected, listed(found), remedy)
