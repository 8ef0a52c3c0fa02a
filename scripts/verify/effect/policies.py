"""X-Ray's resource policies: who else may send into the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.verify.check import Result, failed, passed
from scripts.verify.effect.paging import pages

if TYPE_CHECKING:
    from collections.abc import Collection

    from mypy_boto3_xray import XRayClient

    from scripts.terragrunt.render import Target

SETTING = "resource_policies"
CHECK_ID = "xray.resource-policy"


def known(target: Target) -> tuple[str, ...]:
    """Return the names that the environment allows. Raises OperatorError where these are no list of names."""
    names = target.settings.get(SETTING, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise OperatorError(
            f"{SETTING} is {names!r:.100}, expected a list of names", remedy=f"correct {target.source}"
        )
    return tuple(names)


def expectation(names: Collection[str]) -> str:
    """Return in words which policies may be there."""
    return f"none but {', '.join(names)}" if names else "none"


def policies_result(client: XRayClient, names: Collection[str]) -> Result:
    """Return whether X-Ray has no resource policy but such called *names*. Raises one of ``aws.FAILURES``."""
    found = [
        policy["PolicyName"]
        for page in pages(client.list_resource_policies)
        for policy in page.get("ResourcePolicies", [])
    ]
    actual, foreign = ", ".join(sorted(found)) or "none", sorted(set(found) - set(names))
    if not foreign:
        return passed(CHECK_ID, expectation(names), actual)
    remedy = (
        f"see who may do what by {', '.join(foreign)} (`aws xray list-resource-policies`): delete it, or "
        f"name it in {SETTING} of env.hcl"
    )
    return failed(CHECK_ID, expectation(names), actual, remedy)
