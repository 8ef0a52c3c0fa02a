"""Binding of the daemon's two sockets, which share one port number."""

import errno
import socket
import struct
import sys

from localcloud.daemon.errors import PortsUnavailableError

RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024
ATTEMPTS = 50

# Linux's numbers, which Python's socket module doesn't name (include/uapi/asm-generic/socket.h).
_SO_RCVBUFFORCE = 33
_SO_MEMINFO = 55
_MEMINFO_DROPS = 8
_MEMINFO_FORMAT = "9I"


def bind_ports(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return (TCP, UDP) sockets, not blocking, bound to `host` under one number; the TCP one listens.

    With port 0 the system chooses the TCP number, and another one where that is taken for UDP.

    Raises:
        PortsUnavailableError: a fixed port is taken, or no free pair was found.
    """
    for _ in range(ATTEMPTS if port == 0 else 1):
        tcp = _bind(host, port, socket.SOCK_STREAM)
        number = tcp.getsockname()[1]
        try:
            udp = _bind(host, number, socket.SOCK_DGRAM)
        except PortsUnavailableError:
            tcp.close()
            if port != 0:
                raise
            continue
        _enlarge_receive_buffer(udp)
        tcp.listen(128)
        return tcp, udp
    raise PortsUnavailableError(
        f"no port on {host} is free for both UDP and TCP after {ATTEMPTS} attempts: "
        "close programs that hold many UDP ports, or name a free port"
    )


def dropped_by_kernel(udp: socket.socket) -> int:
    """Return how many datagrams the kernel dropped because `udp`'s buffer was full; 0 where it can't tell."""
    if sys.platform != "linux":
        return 0
    size = struct.calcsize(_MEMINFO_FORMAT)
    answer = udp.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, size)
    if len(answer) < size:
        return 0
    return int(struct.unpack(_MEMINFO_FORMAT, answer)[_MEMINFO_DROPS])


def _bind(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
    # asyncio switches Nagle's algorithm off only on sockets whose protocol was named.
    number = socket.IPPROTO_TCP if kind == socket.SOCK_STREAM else socket.IPPROTO_UDP
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind, number)
    try:
        bound.setblocking(False)
        if kind == socket.SOCK_STREAM:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        reason = _reason(error)
        raise PortsUnavailableError(
            f"daemon port {host}:{port} {reason} for {protocol}: stop the program that holds it, "
            "or choose another port (0 for any free one)"
        ) from error
    return bound


def _reason(error: OSError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return "is no port number (0 to 65535)"
    return "is in use" if error.errno == errno.EADDRINUSE else f"can't be bound ({error.strerror})"


def _enlarge_receive_buffer(udp: socket.socket) -> None:
    """Ask for a buffer that holds a burst of segments; the kernel may grant less (net.core.rmem_max)."""
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    if sys.platform == "linux":
        try:
            udp.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
        except PermissionError:
            return  # only a privileged process may pass the maximum; the granted size stands
