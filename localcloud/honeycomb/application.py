"""The local Honeycomb as one ASGI application."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from localcloud.errors import DataLostError
from localcloud.honeycomb.api.resources import Resources
from localcloud.honeycomb.api.router import Router
from localcloud.honeycomb.api.times import now_ns
from localcloud.honeycomb.asgi import (
    Receive,
    Request,
    Response,
    Scope,
    Send,
    read_request,
    send_response,
)
from localcloud.honeycomb.control import PREFIX, Control
from localcloud.honeycomb.errors import ConnectionDroppedError, StorageError
from localcloud.honeycomb.faults import FaultSwitch
from localcloud.honeycomb.ingest import TraceIngest
from localcloud.honeycomb.key_ring import KeyRing
from localcloud.honeycomb.keys import PERMISSIONS, Key
from localcloud.honeycomb.store import EventStore
from localcloud.honeycomb.switches import Switches

TRACES = "/v1/traces"


class HoneycombApplication:
    """Routes requests; the store is open to those who assemble the local cloud."""

    def __init__(self, key: Key, store: EventStore) -> None:
        self.store = store
        keys = KeyRing(key)
        self._resources = resources = Resources(store, now_ns)
        counters: Counter[str] = Counter(requests=0)
        faults = FaultSwitch()
        self._ingest = TraceIngest(keys, faults, store, resources.catalogue.has, counters)
        self._api = Router(keys, faults, resources.routes(), counters)
        self._control = Control(store, self._ingest, faults)
        self._switches = Switches(keys, resources.limits)

    def close(self) -> None:
        """Let queries end, write down what isn't yet, and let go of the store; no request may come after.

        Raises:
            DataLostError: it can't be written down.
        """
        self._resources.close()
        try:
            self.store.close()
        except StorageError as error:
            raise DataLostError(f"{error}; what came last is lost") from error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: lifespan or a request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            request = await read_request(scope, receive)
            if request is None:
                return
            try:
                response = await self._answer(request)
            except ConnectionDroppedError:
                await _drop(receive, send)
            else:
                await send_response(send, response)
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, request: Request) -> Response:
        if self._switches.handles(request):
            return self._switches.handle(request)
        if request.path.startswith(PREFIX):
            return await asyncio.to_thread(self._control.handle, request)
        if request.path == TRACES:
            return await self._ingest.handle(request)
        return await self._api.handle(request)


def create_application(key: str, *, data: Path | None = None) -> HoneycombApplication:
    """Return the local Honeycomb, an ASGI application that accepts `key` for everything.

    It starts empty and keeps events in memory, or, with `data`, in a file in that folder.
    """
    return HoneycombApplication(Key(key, PERMISSIONS), EventStore(data))


async def _drop(receive: Receive, send: Any) -> None:
    """Close the connection without an answer; ASGI has no word for it, so this is uvicorn's own.

    Raises:
        AttributeError: the server isn't uvicorn.
    """
    send.__self__.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
