"""The little of ASGI that the AWS endpoint needs: requests, bodies within a limit, responses."""

import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_IN_MEMORY_MAX_BYTES = 1024 * 1024


class BodyTooLargeError(Exception):
    """The request's body is longer than the limit; all of it has been read and dropped."""


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


@dataclass
class Request:
    """The head of one HTTP request."""

    scope: Scope

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return str(self.scope["path"])

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers by lower-case name; those that came several times are joined by a comma."""
        headers: dict[str, str] = {}
        for name, value in self.scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
        return headers

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query's parameters."""
        try:
            return parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        except ValueError:
            return {}


@dataclass
class Response:
    """One HTTP response, whole or in parts."""

    status: int
    body: bytes | Iterable[bytes] = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, send: Send) -> None:
        """Write the response."""
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        parts = [self.body] if isinstance(self.body, bytes) else (list(self.body) or [b""])
        if not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(sum(map(len, parts))).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for part in parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": parts[-1], "more_body": False})


async def read_body(receive: Receive, limit_bytes: int) -> bytes:
    """Return the whole body.

    Raises:
        BodyTooLargeError: it is longer than `limit_bytes`.
        ClientGoneError: the client went away.
    """
    parts: list[bytes] = []
    await _receive_body(receive, limit_bytes, parts.append)
    return b"".join(parts)


async def spool_body(receive: Receive, limit_bytes: int) -> tuple[IO[bytes], int]:
    """Return the body as a file at its beginning, on disk where it is large, and its length in bytes.

    Raises:
        BodyTooLargeError: it is longer than `limit_bytes`.
        ClientGoneError: the client went away.
    """
    body = tempfile.SpooledTemporaryFile(max_size=BODY_IN_MEMORY_MAX_BYTES)  # noqa: SIM115 - the caller closes it
    try:
        size = await _receive_body(receive, limit_bytes, body.write)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body, size


async def _receive_body(receive: Receive, limit_bytes: int, keep: Callable[[bytes], object]) -> int:
    """Hand the body's parts to `keep`; a body too long is read to its end, so that the client hears why."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if size <= limit_bytes:
            keep(part)
        more = message.get("more_body", False)
    if size > limit_bytes:
        raise BodyTooLargeError
    return size
