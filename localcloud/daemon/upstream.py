"""The way to X-Ray: signed requests over a few kept-alive connections."""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import h11

from localcloud.daemon.connection import Answer, ClosedBeforeAnswerError, Connection, RawHeader
from localcloud.daemon.errors import UpstreamError, UpstreamFault
from localcloud.daemon.signing import Header, Signer

TIMEOUT_SECONDS = 10.0
CONNECTIONS = 16


class Upstream:
    """Signs requests for X-Ray and sends them to one AWS endpoint."""

    def __init__(self, endpoint_url: str, signer: Signer, *, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(endpoint_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"AWS endpoint {endpoint_url!r} is no http(s) URL such as http://127.0.0.1:4566")
        self._host = parts.hostname
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._authority = parts.netloc
        self._base_path = parts.path.rstrip("/")
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._signer = signer
        self._timeout = timeout
        self._idle: list[Connection] = []
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def send(self, method: str, target: str, headers: Iterable[Header], body: bytes) -> Answer:
        """Send a signed request for `target` (path and query) and return the answer, whatever its status.

        `headers` carry neither Host nor Content-Length nor any that belong to one connection.

        Raises:
            UpstreamError: no whole answer came within the time limit.
        """
        target = self._base_path + target
        unsigned = [("Host", self._authority), ("Content-Length", str(len(body))), *headers]
        signed = self._signer.sign(method, self._origin + target, unsigned, body)
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in signed]
        try:
            async with asyncio.timeout(self._timeout), self._slots:
                return await self._exchange(method, target, raw, body)
        except TimeoutError as error:
            message = f"no answer from {self._origin} within {self._timeout:g} seconds"
            raise UpstreamError(UpstreamFault.TIMEOUT, message) from error
        except (OSError, h11.ProtocolError) as error:
            raise UpstreamError(_fault(error), f"{self._origin}: {error}") from error

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    async def _exchange(self, method: str, target: str, headers: Sequence[RawHeader], body: bytes) -> Answer:
        kept = self._take_idle()
        if kept is not None:
            try:
                return await self._exchange_on(kept, method, target, headers, body)
            except (ClosedBeforeAnswerError, ConnectionResetError, BrokenPipeError):
                pass  # the endpoint closed it as idle while the request was on its way: try a new one
        fresh = await Connection.open(self._host, self._port, self._tls)
        return await self._exchange_on(fresh, method, target, headers, body)

    async def _exchange_on(
        self, connection: Connection, method: str, target: str, headers: Sequence[RawHeader], body: bytes
    ) -> Answer:
        reusable = False
        try:
            answer = await connection.exchange(method, target, headers, body)
            reusable = connection.is_reusable
        finally:
            if reusable:
                self._idle.append(connection)
            else:
                connection.close()
        return answer

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable:
                return connection
            connection.close()
        return None


def _fault(error: Exception) -> UpstreamFault:
    if isinstance(error, ConnectionRefusedError):
        return UpstreamFault.REFUSED
    if isinstance(error, socket.gaierror):
        return UpstreamFault.UNKNOWN_HOST
    return UpstreamFault.OTHER
