"""Where a deployment can be looked at. No link rather than a wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.deploy import service
from scripts.honeycomb.links import user_interface
from scripts.traces import links as consoles

if TYPE_CHECKING:
    from scripts.deploy.preparing import Work


def of(work: Work) -> dict[str, str]:
    """Return the addresses by what is there: the service, and where AWS is real, both vendors' consoles.

    The ECS console's is that of its own links; AWS documents none. Raises OperatorError.
    """
    found: dict[str, str] = {}
    if work.is_local:
        return found
    names, region = work.names, work.names.region
    address = service.address(work.aws, names, local=False)
    if address:
        found["service"] = address
    console = consoles.console(region, work.session.caller.arn).console
    if console:
        start = f"https://{region}.{console}"
        found["ECS"] = (
            f"{start}/ecs/v2/clusters/{names.cluster}/services/{names.service}/health?region={region}"
        )
        found["X-Ray"] = f"{start}/cloudwatch/home?region={region}#xray:traces/query"
    honeycomb = user_interface(str(work.session.any_unit.target.settings.get("honeycomb_endpoint") or ""))
    if honeycomb:
        found["Honeycomb"] = honeycomb
    return found
