"""The UDP port."""

import asyncio
import logging
import socket
import subprocess
import sys
import time
from pathlib import Path

from localcloud.daemon import udp_reader
from localcloud.daemon.counters import Counters
from localcloud.daemon.documents import DocumentQueue
from localcloud.daemon.errors import MalformedPacketError
from localcloud.daemon.packet import READ_BUFFER_BYTES, read_document

logger = logging.getLogger("localcloud.daemon")

PACKETS_PER_TURN = 256
PACKETS_AT_STOP = 100_000
STOP_SECONDS = 5.0
_MARK_BYTES = len(udp_reader.MARK)


class Receiver:
    """Moves datagrams from a socket to the queue, many a turn of the event loop.

    A process of its own reads the socket (see `udp_reader`), and hands all that it has over at the stop.
    Should it end before, the event loop reads the socket itself.
    """

    def __init__(self, queue: DocumentQueue, counters: Counters) -> None:
        self._queue = queue
        self._counters = counters
        self._udp: socket.socket | None = None
        self._handed: socket.socket | None = None
        self._reader: subprocess.Popen[bytes] | None = None

    def start(self, udp: socket.socket) -> None:
        """Begin to read `udp`, which must not block, in the running event loop."""
        self._udp = udp
        self._handed, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            numbers = (udp.fileno(), theirs.fileno())
            # A session of its own: a terminal's Ctrl-C must not end it before it has handed over.
            self._reader = subprocess.Popen(
                [sys.executable, "-I", "-S", str(Path(udp_reader.__file__)), *map(str, numbers)],
                stdin=subprocess.DEVNULL,
                pass_fds=numbers,
                start_new_session=True,
            )
        self._handed.setblocking(False)
        asyncio.get_running_loop().add_reader(self._handed, self._take_over, self._handed)

    def stop(self) -> None:
        """Take what was received so far, then read no more; the socket stays open."""
        udp, self._udp = self._udp, None
        handed, self._handed = self._handed, None
        loop = asyncio.get_running_loop()
        if handed is not None:
            loop.remove_reader(handed)
            self._hand_over(handed)
        elif udp is not None:
            loop.remove_reader(udp)
        if udp is not None:
            self._drain(udp, PACKETS_AT_STOP)
        if self._reader is not None:
            self._end(self._reader)
            self._reader = None

    def _take_over(self, handed: socket.socket) -> None:
        for _ in range(PACKETS_PER_TURN):
            try:
                message = handed.recv(READ_BUFFER_BYTES + _MARK_BYTES)
            except BlockingIOError:
                return
            except OSError:
                message = b""
            if not message:
                self._read_alone(handed)
                return
            self._take(message[_MARK_BYTES:])

    def _read_alone(self, handed: socket.socket) -> None:
        logger.warning("daemon: the process that reads the UDP port has ended; datagrams may be lost")
        self._counters.add("receive_errors")
        loop = asyncio.get_running_loop()
        loop.remove_reader(handed)
        handed.close()
        self._handed = None
        if self._udp is not None:
            loop.add_reader(self._udp, self._drain, self._udp, PACKETS_PER_TURN)

    def _hand_over(self, handed: socket.socket) -> None:
        """Have the reading process send what it and the kernel hold, and take all of it."""
        deadline = time.monotonic() + STOP_SECONDS
        with handed:
            try:
                handed.shutdown(socket.SHUT_WR)
                while (left := deadline - time.monotonic()) > 0:
                    handed.settimeout(left)
                    message = handed.recv(READ_BUFFER_BYTES + _MARK_BYTES)
                    if not message:
                        return
                    self._take(message[_MARK_BYTES:])
            except OSError as error:
                logger.warning("daemon: not all that was received could be taken: %s", error)

    def _end(self, reader: "subprocess.Popen[bytes]") -> None:
        try:
            reader.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            reader.kill()
            reader.wait()

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
