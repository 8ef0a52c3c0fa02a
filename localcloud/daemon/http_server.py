"""HTTP/1.1 on asyncio streams, as little of it as the proxy needs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import h11

from localcloud.daemon.connection import READ_BYTES, Answer, RawHeader

BODY_MAX_BYTES = 8 * 1024 * 1024
_WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Request:
    """A whole HTTP request; `target` as it stands in the request line."""

    method: str
    target: str
    headers: Sequence[RawHeader]
    body: bytes


Handler = Callable[[Request], Awaitable[Answer]]


class _TooLargeError(Exception):
    """A request body over the limit."""


async def serve_connection(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handler
) -> None:
    """Answer the requests of one connection in turn, until either side ends it.

    A request that isn't HTTP gets 400, a body over 8 MiB gets 413, both end the connection.
    """
    protocol = h11.Connection(h11.SERVER)
    try:
        while True:
            try:
                request = await _read_request(protocol, reader, writer)
            except h11.RemoteProtocolError as error:
                await _refuse(protocol, writer, error.error_status_hint)
                return
            except _TooLargeError:
                await _refuse(protocol, writer, 413)
                return
            if request is None:
                return
            await _write_answer(protocol, writer, request.method, await handle(request))
            if protocol.our_state is not h11.DONE or protocol.their_state is not h11.DONE:
                return
            protocol.start_next_cycle()
    except ConnectionError:
        return  # the client went away: there is nobody to answer
    finally:
        writer.close()


async def _read_request(
    protocol: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            if protocol.they_are_waiting_for_100_continue:
                writer.write(protocol.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            protocol.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > BODY_MAX_BYTES:
                raise _TooLargeError
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            method, target = head.method.decode("ascii"), head.target.decode("latin-1")
            return Request(method, target, head.headers.raw_items(), bytes(body))
        else:
            return None


async def _write_answer(
    protocol: h11.Connection, writer: asyncio.StreamWriter, method: str, answer: Answer
) -> None:
    headers = list(answer.headers)
    if method != "HEAD" and answer.status not in _WITHOUT_BODY:
        headers = [header for header in headers if header[0].lower() != b"content-length"]
        headers.append((b"Content-Length", str(len(answer.body)).encode()))
    written = protocol.send(h11.Response(status_code=answer.status, headers=headers)) or b""
    if answer.body:
        written += protocol.send(h11.Data(answer.body)) or b""
    writer.write(written + (protocol.send(h11.EndOfMessage()) or b""))
    await writer.drain()


async def _refuse(protocol: h11.Connection, writer: asyncio.StreamWriter, status: int) -> None:
    if protocol.our_state in (h11.IDLE, h11.SEND_RESPONSE):
        await _write_answer(protocol, writer, "", Answer(status, [(b"Connection", b"close")]))
