"""What a deployment's things are called: the names that the stacks give them, from the root configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.terragrunt.render import Unit

BACKEND = "backend"
"""The container that serves; the other one is its collector."""


@dataclass(frozen=True)
class Names:
    """One environment's names. ``domain`` is empty where the service has none of its own."""

    account_id: str
    region: str
    cluster: str
    service: str
    repository: str
    parameter: str
    domain: str

    @property
    def family(self) -> str:
        """The task definitions' family: it is called as the service."""
        return self.service

    @property
    def load_balancer(self) -> str:
        """The load balancer is called as the service."""
        return self.service


def of(unit: Unit) -> Names:
    """Return the names of *unit*'s environment."""
    target, root = unit.target, unit.root
    return Names(
        account_id=target.account_id,
        region=target.region,
        cluster=str(root["prefix"]),
        service=str(root["name"]),
        repository=str(root["name"]),
        parameter=f"{target.parameter_path}/deploy/image",
        domain=str(target.settings.get("service_domain_name") or ""),
    )
