"""Where the X-Ray daemon answers, from AWS_XRAY_DAEMON_ADDRESS."""

from __future__ import annotations

EXPECTED = "host:port, or tcp:host:port udp:host:port"


def tcp(text: str) -> tuple[str, int]:
    """Return host and port of the daemon's TCP part, which signs what it is asked and passes it on.

    Reads what the X-Ray SDKs read. Raises ValueError for another form.
    """
    parts = text.split()
    if len(parts) == 1:
        return _host_and_port(parts[0])
    ports = dict(part.partition(":")[::2] for part in parts)
    by_protocol = {protocol.lower(): rest for protocol, rest in ports.items()}
    if len(parts) != 2 or set(by_protocol) != {"tcp", "udp"}:
        raise ValueError(f"{text[:100]!r} has another form")
    _host_and_port(by_protocol["udp"])
    return _host_and_port(by_protocol["tcp"])


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_port = port.isascii() and port.isdigit() and 1 <= int(port) <= 65535
    if not bare or not is_port or (":" in bare and bare == host):
        raise ValueError(f"{text[:100]!r} is no host and port")
    return bare, int(port)
