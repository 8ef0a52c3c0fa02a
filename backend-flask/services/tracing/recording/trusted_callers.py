"""Whose sampling decision counts: at a public edge anybody could run up the bill with `Sampled=1`."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Self

ALL = "all"
NONE = "none"


@dataclass(frozen=True)
class TrustedCallers:
    """Callers by the address of their connection: everybody (None), or those within `networks`."""

    networks: tuple[IPv4Network | IPv6Network, ...] | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `all`, `none`, or networks such as `10.0.0.0/8,::1`.

        Raises:
            ValueError: something else.
        """
        if text.lower() == ALL:
            return cls(None)
        if text.lower() == NONE:
            return cls(())
        networks = []
        for part in text.split(","):
            try:
                networks.append(ip_network(part.strip()))
            except ValueError:
                raise ValueError(
                    f"{part.strip()[:60]!r} is no network; expected all, none, or networks such as 10.0.0.0/8"
                ) from None
        return cls(tuple(networks))

    def trusts(self, peer: str | None) -> bool:
        """Tell whether a request that came over a connection from `peer` may bring a decision along."""
        if self.networks is None:
            return True
        return bool(self.networks) and _is_within(self.networks, peer or "")


@lru_cache(maxsize=1024)
def _is_within(networks: tuple[IPv4Network | IPv6Network, ...], peer: str) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in networks)
