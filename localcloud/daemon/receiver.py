"""The UDP port."""

import asyncio
import logging
import socket

from localcloud.daemon.counters import Counters
from localcloud.daemon.documents import DocumentQueue
from localcloud.daemon.errors import MalformedPacketError
from localcloud.daemon.packet import READ_BUFFER_BYTES, read_document

logger = logging.getLogger("localcloud.daemon")

PACKETS_PER_TURN = 256
PACKETS_AT_STOP = 100_000


class Receiver:
    """Moves datagrams from a socket to the queue.

    It reads the socket itself, many packets a turn of the event loop: asyncio's datagram transport reads
    one, and loses what it hasn't read when it closes.
    """

    def __init__(self, queue: DocumentQueue, counters: Counters) -> None:
        self._queue = queue
        self._counters = counters
        self._socket: socket.socket | None = None

    def start(self, udp: socket.socket) -> None:
        """Begin to read `udp`, which must not block, in the running event loop."""
        self._socket = udp
        asyncio.get_running_loop().add_reader(udp, self._drain, udp, PACKETS_PER_TURN)

    def stop(self) -> None:
        """Take what the socket still holds, then read no more; the socket stays open."""
        udp, self._socket = self._socket, None
        if udp is not None:
            asyncio.get_running_loop().remove_reader(udp)
            self._drain(udp, PACKETS_AT_STOP)

    def _drain(self, udp: socket.socket, limit: int) -> None:
        for _ in range(limit):
            try:
                packet = udp.recv(READ_BUFFER_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                self._counters.add("receive_errors")
                logger.warning("daemon: reading the UDP port failed: %s", error)
                return
            self._take(packet)

    def _take(self, packet: bytes) -> None:
        self._counters.add("received")
        try:
            document = read_document(packet)
        except MalformedPacketError as error:
            cause = error.fault.value
            self._counters.add("rejected", detail=cause)
            if self._counters[f"rejected.{cause}"] == 1:
                logger.warning("daemon: %s (%d bytes); further ones are only counted", error, len(packet))
            return
        self._counters.add("accepted")
        self._queue.put(document)
