"""A process that does nothing but read the daemon's UDP port: `python -I -S udp_reader.py <udp> <out>`.

The kernel keeps 208 KiB of a UDP socket by default, some 70 documents, and drops what comes while nobody
reads. The local cloud's one process, which answers AWS and Honeycomb too, is busy for longer than that lasts.

Takes the numbers of two inherited sockets. Each datagram goes out as one message behind a byte of its own,
so that an empty datagram is no end of file. When the other end is shut down, what the kernel still holds
follows, then this process ends. It imports the standard library alone: it has to be there at once.
"""

import select
import socket
import sys
from collections import deque

MARK = b"\x00"
READ_BUFFER_BYTES = 64 * 1024
WAITING_MAX_BYTES = 64 * 1024 * 1024
"""Then datagrams stay in the kernel's buffer, which counts what it drops."""


def main(udp: socket.socket, out: socket.socket) -> None:
    """Pass datagrams on until `out` is shut down at its other end."""
    waiting: deque[bytes] = deque()
    size = 0
    is_last = False
    while True:
        wanted = [out, udp] if size < WAITING_MAX_BYTES else [out]
        readable, _, _ = select.select([] if is_last else wanted, [out] if waiting else [], [])
        if out in readable:
            is_last = True  # whatever it is: nothing is ever sent this way
        if is_last or udp in readable:
            size += _read(udp, waiting, WAITING_MAX_BYTES - size)
        size -= _write(out, waiting)
        if is_last and not waiting:
            return


def _read(udp: socket.socket, waiting: "deque[bytes]", limit: int) -> int:
    """Append what the kernel holds, up to about `limit` bytes; return how many bytes that were."""
    size = 0
    while size < limit:
        try:
            packet = MARK + udp.recv(READ_BUFFER_BYTES)
        except OSError:  # nothing left; an error of the port is the parent's to see
            break
        waiting.append(packet)
        size += len(packet)
    return size


def _write(out: socket.socket, waiting: "deque[bytes]") -> int:
    """Send what the other end takes without waiting; return how many bytes that were."""
    size = 0
    while waiting:
        try:
            out.send(waiting[0])
        except BlockingIOError:
            break
        size += len(waiting.popleft())
    return size


if __name__ == "__main__":
    inherited = [socket.socket(fileno=int(number)) for number in sys.argv[1:]]
    for one in inherited:
        one.setblocking(False)
    try:
        main(*inherited)
    except BrokenPipeError:
        sys.exit(1)  # the daemon is gone, and nobody is left to tell
