"""The daemon as one object with a start and a stop."""

import asyncio
import logging
import socket

from localcloud.daemon.counters import Counters
from localcloud.daemon.documents import DocumentQueue
from localcloud.daemon.ports import bind_ports, dropped_by_kernel
from localcloud.daemon.proxy import Proxy
from localcloud.daemon.receiver import Receiver
from localcloud.daemon.sender import Sender
from localcloud.daemon.signing import Signer
from localcloud.daemon.telemetry import Telemetry
from localcloud.daemon.upstream import Upstream

logger = logging.getLogger("localcloud.daemon")

FLUSH_INTERVAL_SECONDS = 1.0
TELEMETRY_INTERVAL_SECONDS = 60.0
STOP_DEADLINE_SECONDS = 5.0


class Daemon:
    """Takes segments on UDP and any request on TCP, both under one port number, and passes them on."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        upstream: Upstream,
        flush_interval: float = FLUSH_INTERVAL_SECONDS,
        telemetry_interval: float = TELEMETRY_INTERVAL_SECONDS,
    ) -> None:
        self._host = host
        self._port = port
        self._upstream = upstream
        self._counters = Counters()
        self._queue = DocumentQueue(self._counters)
        self._sender = Sender(self._queue, upstream, self._counters, flush_interval=flush_interval)
        self._receiver = Receiver(self._queue, self._counters)
        self._telemetry = Telemetry(upstream, self._counters, interval=telemetry_interval)
        self._proxy = Proxy(upstream, self._counters)
        self._udp: socket.socket | None = None
        self._kernel_drops = 0

    @property
    def port(self) -> int:
        """The number of both ports; while not started, the one asked for."""
        return self._port

    def counters(self) -> dict[str, int]:
        """Return the sums since the start, with `queued` and `dropped_by_kernel` as they are now."""
        if self._udp is not None:
            self._kernel_drops = dropped_by_kernel(self._udp)
        return {
            **self._counters.snapshot(),
            "queued": len(self._queue),
            "dropped_by_kernel": self._kernel_drops,
        }

    async def start(self) -> None:
        """Bind both ports and begin to serve them.

        Raises:
            PortsUnavailableError: the ports can't be bound.
        """
        tcp, udp = bind_ports(self._host, self._port)
        self._port = udp.getsockname()[1]
        self._udp = udp
        await self._proxy.start(tcp)
        self._sender.start()
        self._telemetry.start()
        self._receiver.start(udp)
        logger.info("daemon listens on %s:%d (UDP and TCP)", self._host, self._port)

    async def stop(self, deadline: float = STOP_DEADLINE_SECONDS) -> None:
        """Stop receiving, send what was received, within `deadline` seconds; the rest counts as failed."""
        if self._udp is None:
            return
        self._receiver.stop()
        self.counters()
        udp, self._udp = self._udp, None
        udp.close()
        await asyncio.gather(self._sender.stop(deadline), self._proxy.stop(), self._telemetry.stop())
        await self._upstream.close()


def create_daemon(
    *,
    host: str,
    port: int,
    aws_endpoint_url: str,
    region: str = "us-east-1",
    access_key: str = "test",
    secret_key: str = "test",  # noqa: S107  # the local cloud's public pair, no secret
    flush_interval: float = FLUSH_INTERVAL_SECONDS,
    telemetry_interval: float = TELEMETRY_INTERVAL_SECONDS,
) -> Daemon:
    """Return a daemon, not yet started, that passes everything on to `aws_endpoint_url`.

    Args:
        host: address to bind; a free port number is chosen where `port` is 0.
        port: number of both the UDP and the TCP port.
        aws_endpoint_url: base URL of X-Ray, http or https.
        region: region of the signatures.
        access_key: access key id of the signatures.
        secret_key: its secret.
        flush_interval: seconds after which a batch that isn't full is sent.
        telemetry_interval: seconds between telemetry records.
    """
    signer = Signer(access_key=access_key, secret_key=secret_key, region=region)
    return Daemon(
        host=host,
        port=port,
        upstream=Upstream(aws_endpoint_url, signer),
        flush_interval=flush_interval,
        telemetry_interval=telemetry_interval,
    )
