"""What the local cloud is started with."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from localcloud.errors import NotLoopbackError

DEFAULT_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Config:
    """Where to listen and what to switch on. Port 0 means any free port."""

    host: str = DEFAULT_HOST
    aws_port: int = 0
    daemon_port: int = 0
    honeycomb_port: int = 0
    honeycomb_key_file: Path | None = None
    authorise: bool = False
    addresses: Path | None = None
    data: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a host that others could reach.

        Raises:
            NotLoopbackError: `host` is no loopback address.
        """
        object.__setattr__(self, "host", _loopback(self.host))


def _loopback(host: str) -> str:
    """Return the loopback address that `host` names; names other than localhost aren't looked up."""
    if host == "localhost":
        return DEFAULT_HOST
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopbackError(
            f"--host {host} isn't a loopback address: the local cloud checks no signatures and is never"
            f" opened to a network; use {DEFAULT_HOST}, another 127.x.x.x address, ::1 or localhost"
        )
    return host
