"""The way to X-Ray when the other side misbehaves."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from localcloud.daemon.connection import Answer
from localcloud.daemon.errors import UpstreamError, UpstreamFault
from localcloud.daemon.signing import Signer
from localcloud.daemon.upstream import Upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
END = b""
"""Close the connection."""


def exchange(script: Sequence[Sequence[bytes]], requests: int, timeout: float = 20) -> list[Answer]:
    """Send `requests` to a server whose nth connection answers its requests with script[n], in order."""
    connections: Iterator[Sequence[bytes]] = iter(script)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in next(connections):
            await reader.readuntil(b"\r\n\r\n")
            if answer == END:
                break
            writer.write(answer)
        else:
            await reader.read()
        writer.close()

    async def run() -> list[Answer]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        signer = Signer(access_key="test", secret_key="test", region="us-east-1")
        upstream = Upstream(f"http://127.0.0.1:{port}", signer, timeout=timeout)
        try:
            return [await upstream.send("GET", "/", [], b"") for _ in range(requests)]
        finally:
            await upstream.close()
            server.close()
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    return asyncio.run(run())


def test_a_kept_connection_that_closes_instead_of_answering_is_replaced() -> None:
    """The endpoint may end an idle connection just when a request is on its way."""
    assert [answer.status for answer in exchange([[OK, END], [OK]], requests=2)] == [200, 200]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (END, UpstreamFault.OTHER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", UpstreamFault.TIMEOUT),
        (b"HTTP/1.1 200 OK\r\n", UpstreamFault.TIMEOUT),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", UpstreamFault.OTHER),
    ],
    ids=["nothing", "half a body", "half a head", "another protocol"],
)
def test_a_new_connection_without_a_whole_answer_is_an_error(answer: bytes, fault: UpstreamFault) -> None:
    """The cause is told apart, and nothing hangs."""
    with pytest.raises(UpstreamError) as caught:
        exchange([[answer]], requests=1, timeout=0.2)
    assert caught.value.fault is fault


def test_a_connection_that_cannot_be_kept_is_not_used_again() -> None:
    """An HTTP/1.0 answer ends its connection; the next request gets a new one."""
    old = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold"
    assert [answer.body for answer in exchange([[old], [OK]], requests=2)] == [b"old", b"{}"]


def test_an_unknown_host_has_its_own_cause() -> None:
    """A name that can't be resolved is told apart from a refused connection."""

    async def send() -> None:
        signer = Signer(access_key="test", secret_key="test", region="us-east-1")
        await Upstream("http://nothing.invalid", signer).send("GET", "/", [], b"")

    with pytest.raises(UpstreamError) as caught:
        asyncio.run(send())
    assert caught.value.fault is UpstreamFault.UNKNOWN_HOST
