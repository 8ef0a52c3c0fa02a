"""One HTTP/1.1 connection to the AWS endpoint, kept alive between requests."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

import h11

READ_BYTES = 64 * 1024

RawHeader = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; headers in the order and case in which they came."""

    status: int
    headers: Sequence[RawHeader] = ()
    body: bytes = b""


class ClosedBeforeAnswerError(ConnectionError):
    """The peer closed the connection without a byte of an answer."""


class Connection:
    """Sends one request at a time and reads its answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.CLIENT)

    @classmethod
    async def open(cls, host: str, port: int, tls: ssl.SSLContext | None) -> "Connection":
        """Connect; raises OSError."""
        return cls(*await asyncio.open_connection(host, port, ssl=tls))

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent."""
        return self._protocol.states == {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE} and not (
            self._reader.at_eof() or self._writer.is_closing()
        )

    async def exchange(self, method: str, target: str, headers: Sequence[RawHeader], body: bytes) -> Answer:
        """Send a request and return its answer.

        Raises:
            ClosedBeforeAnswerError: nothing came back; the request may have been read or not.
            OSError, h11.ProtocolError: the connection broke, or the peer doesn't speak HTTP.
        """
        request = h11.Request(method=method, target=target, headers=list(headers))
        self._writer.write(
            self._bytes(request) + self._bytes(h11.Data(body)) + self._bytes(h11.EndOfMessage())
        )
        await self._writer.drain()
        answer = await self._read_answer()
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
        return answer

    def close(self) -> None:
        """Close without waiting."""
        self._writer.close()

    def _bytes(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> bytes:
        return self._protocol.send(event) or b""

    async def _read_answer(self) -> Answer:
        response: h11.Response | None = None
        body = bytearray()
        while True:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                received = await self._reader.read(READ_BYTES)
                if not received and response is None and not self._protocol.trailing_data[0]:
                    raise ClosedBeforeAnswerError("the endpoint closed the connection without an answer")
                self._protocol.receive_data(received)
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and response is not None:
                return Answer(response.status_code, response.headers.raw_items(), bytes(body))
