"""Requests and responses over ASGI, whole bodies only."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_MAX_BYTES = 20 * 1024 * 1024
"""What Honeycomb reads of a body (reference: honeycombio/husky, otlp/common.go)."""

DISCARDED_MAX_BYTES = 256 * 1024 * 1024
"""How much of a longer body is read and thrown away, so that its sender comes to read the answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request; `body` is None where it was longer than `BODY_MAX_BYTES`."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response; Content-Length is added when it is sent."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, document: object) -> Response:
    """Return `document` as JSON; raises ValueError for numbers that JSON has not."""
    return Response(status, json.dumps(document, allow_nan=False).encode())


async def read_request(scope: Scope, receive: Receive) -> Request | None:
    """Read the request to its end; None if the client went away before that."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_MAX_BYTES:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body", False) or size > DISCARDED_MAX_BYTES:
            body = None if size > BODY_MAX_BYTES else b"".join(parts)
            query = scope.get("query_string", b"").decode("latin-1")
            return Request(scope["method"], scope["path"], headers, body, query)


async def send_response(send: Send, response: Response) -> None:
    """Send `response`."""
    headers = {
        "content-type": response.content_type,
        "content-length": str(len(response.body)),
        **response.headers,
    }
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": response.body})
