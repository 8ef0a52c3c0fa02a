"""Where the X-Ray daemon listens, from AWS_XRAY_DAEMON_ADDRESS."""

from dataclasses import dataclass
from typing import Self

DEFAULT_ADDRESS = "127.0.0.1:2000"
_EXPECTED = 'expected "host:port" or "tcp:host:port udp:host:port"'


@dataclass(frozen=True, slots=True)
class DaemonAddress:
    """The daemon's two ports: UDP takes segments, TCP signs and forwards sampling calls."""

    udp: tuple[str, int] = ("127.0.0.1", 2000)
    tcp: tuple[str, int] = ("127.0.0.1", 2000)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what the X-Ray SDKs read: `host:port`, or `tcp:host:port udp:host:port` in any order.

        Raises:
            ValueError: another form, with what was expected.
        """
        parts = text.split()
        if len(parts) == 1:
            both = _host_and_port(parts[0])
            return cls(both, both)
        ports = {}
        for part in parts:
            protocol, _, rest = part.partition(":")
            ports[protocol.lower()] = _host_and_port(rest)
        if len(parts) != 2 or set(ports) != {"tcp", "udp"}:
            raise ValueError(f"{text!r} has another form; {_EXPECTED}")
        return cls(udp=ports["udp"], tcp=ports["tcp"])


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    if not host or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65535:
        raise ValueError(f"{text!r} is no host and port; {_EXPECTED}, port 1 to 65535")
    return host, int(port)
