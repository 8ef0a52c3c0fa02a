"""The TCP port: a reverse proxy that signs."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from localcloud.daemon.connection import Answer, RawHeader
from localcloud.daemon.counters import Counters
from localcloud.daemon.errors import UpstreamError
from localcloud.daemon.http_server import Request, serve_connection
from localcloud.daemon.signing import Header
from localcloud.daemon.upstream import Upstream

logger = logging.getLogger("localcloud.daemon")

_OF_ONE_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_MADE_ANEW = frozenset(
    {"host", "content-length", "expect", "authorization", "x-amz-date", "x-amz-security-token"}
)
"""Headers of the request that the daemon writes itself, because the credentials are its own."""


class Proxy:
    """Passes on any request, signed for X-Ray, and returns the answer as it is; 502 where there is none."""

    def __init__(self, upstream: Upstream, counters: Counters) -> None:
        self._upstream = upstream
        self._counters = counters
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, tcp: socket.socket) -> None:
        """Serve the listening socket `tcp`."""
        self._server = await asyncio.start_server(self._accept, sock=tcp)

    async def stop(self) -> None:
        """Close the port and every connection."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        await server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve_connection(reader, writer, self._forward))
        self._connections.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("daemon: a proxy connection failed", exc_info=error)

    async def _forward(self, request: Request) -> Answer:
        target = _path_and_query(request.target)
        if target is None:
            self._counters.add("proxy_failed", detail="bad_target")
            return Answer(400)
        headers = [header for header in _end_to_end(request.headers) if header[0].lower() not in _MADE_ANEW]
        try:
            answer = await self._upstream.send(request.method, target, headers, request.body)
        except UpstreamError as error:
            self._counters.add("proxy_failed", detail=error.fault.value)
            logger.warning("daemon: proxy: %s", error)
            return Answer(502)
        self._counters.add("proxied")
        kept = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in _end_to_end(answer.headers)
        ]
        return Answer(answer.status, kept, answer.body)


def _path_and_query(target: str) -> str | None:
    """Return what to ask the endpoint for; None for a target that names no path (CONNECT, OPTIONS *)."""
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https"):
        return None
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _end_to_end(headers: Sequence[RawHeader]) -> list[Header]:
    """Return the headers that aren't about one connection (RFC 9110, section 7.6.1)."""
    decoded = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    named = {
        option.strip().lower()
        for name, value in decoded
        if name.lower() == "connection"
        for option in value.split(",")
    }
    return [(name, value) for name, value in decoded if name.lower() not in _OF_ONE_CONNECTION | named]
