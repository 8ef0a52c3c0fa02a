"""The local Honeycomb as one ASGI application."""

from http import HTTPStatus

from localcloud.honeycomb.asgi import (
    Receive,
    Request,
    Response,
    Scope,
    Send,
    json_response,
    read_request,
    send_response,
)
from localcloud.honeycomb.control import PREFIX, Control
from localcloud.honeycomb.faults import FaultSwitch
from localcloud.honeycomb.ingest import TraceIngest
from localcloud.honeycomb.keys import KEY_HEADER, Key
from localcloud.honeycomb.store import EventStore

UNKNOWN_KEY = "unknown API key - check your credentials"
"""Shorter than the text of `/v1/traces` (reference: Honeycomb API, Get Auth)."""


class HoneycombApplication:
    """Routes requests; the store is open to those who assemble the local cloud."""

    def __init__(self, key: Key, store: EventStore) -> None:
        self.store = store
        self._key = key
        faults = FaultSwitch()
        self._ingest = TraceIngest(key, store, faults)
        self._control = Control(store, self._ingest, faults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: lifespan or a request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            request = await read_request(scope, receive)
            if request is not None:
                await send_response(send, await self._answer(request))
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self._control.handle(request)
        match request.method, request.path:
            case "POST", "/v1/traces":
                return await self._ingest.handle(request)
            case "GET", "/1/auth":
                return self._auth(request)
            case _, "/v1/traces":
                return _problem(HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "POST"})
            case _, "/1/auth":
                return _problem(HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "GET"})
        return _problem(HTTPStatus.NOT_FOUND)

    def _auth(self, request: Request) -> Response:
        if not self._key.accepts(request.headers.get(KEY_HEADER, "")):
            return json_response(HTTPStatus.UNAUTHORIZED, {"error": UNKNOWN_KEY})
        return json_response(HTTPStatus.OK, self._key.describe())


def create_application(key: str) -> HoneycombApplication:
    """Return the local Honeycomb, an ASGI application that accepts `key` alone and starts empty."""
    return HoneycombApplication(Key(key), EventStore())


def _problem(status: HTTPStatus, headers: dict[str, str] | None = None) -> Response:
    """Return an error as Honeycomb's API shapes it: a problem document with `error` beside."""
    kind = status.phrase.lower().replace(" ", "-")
    document = {
        "status": int(status),
        "type": f"https://api.honeycomb.io/problems/{kind}",
        "title": status.phrase,
        "error": status.phrase.lower(),
    }
    response = json_response(status, document)
    return Response(response.status, response.body, response.content_type, headers or {})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
