"""One HTTP port of the local cloud: a socket, bound at once, and uvicorn behind it."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn

from localcloud.errors import AddressInUseError

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
STOP_SECONDS = 3


def bind(host: str, port: int, option: str) -> socket.socket:
    """Return a listening socket.

    Raises:
        AddressInUseError: the port can't be bound; the message names `option`, which chose it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is given; with it, answers wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise AddressInUseError(
            f"{option} {port} on {host} can't be used: {reason};"
            f" stop what uses it, or leave {option} out for a free port"
        ) from error
    listener.setblocking(False)
    return listener


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process has one for all ports."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpPort:
    """Serves one ASGI application on one socket."""

    def __init__(self, listener: socket.socket, application: Callable[..., Awaitable[Any]]) -> None:
        self._listener = listener
        self._server = _Server(
            uvicorn.Config(
                application,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port's number."""
        number: int = self._listener.getsockname()[1]
        return number

    def start(self) -> None:
        """Begin to serve. Connections made before that wait in the socket's queue."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        """Let running requests end, for a few seconds, and close."""
        if self._task is None:
            self._listener.close()
            return
        self._server.should_exit = True
        await self._task
