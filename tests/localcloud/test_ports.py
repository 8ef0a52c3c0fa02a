"""Listening sockets of all three ports."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from localcloud.daemon.ports import bind_ports
from localcloud.ports import bind

if TYPE_CHECKING:
    from collections.abc import Callable


def _http_port() -> socket.socket:
    return bind("127.0.0.1", 0, "--aws-port")


def _daemon_port() -> socket.socket:
    tcp, udp = bind_ports("127.0.0.1", 0)
    udp.close()
    return tcp


@pytest.mark.parametrize("listen", [_http_port, _daemon_port])
def test_answers_are_sent_at_once(listen: Callable[[], socket.socket]) -> None:
    """Nagle's algorithm is off on accepted connections: with it, an answer in two parts waits 40 ms."""

    async def accepted_option() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            found.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listen()
        async with await asyncio.start_server(accept, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            option = await asyncio.wait_for(found, 20)
            writer.close()
            await writer.wait_closed()
        return option

    assert asyncio.run(accepted_option())
