"""`POST /v1/traces`: OTLP/HTTP (reference: opentelemetry.io/docs/specs/otlp; honeycombio/husky, otlp)."""

import asyncio
import json
from collections import Counter
from http import HTTPStatus

from google.rpc.status_pb2 import Status

from localcloud.honeycomb.asgi import Request, Response
from localcloud.honeycomb.body import CONTENT_TYPES, JSON_TYPE, UNSUPPORTED_TYPE, decode_request
from localcloud.honeycomb.errors import FaultedError, HoneycombError, UnsupportedMediaTypeError
from localcloud.honeycomb.events import events_of
from localcloud.honeycomb.faults import FaultSwitch
from localcloud.honeycomb.keys import DATASET_HEADER, KEY_HEADER, Key
from localcloud.honeycomb.store import EventStore

INLINE_MAX_BYTES = 256 * 1024
"""Longer bodies are read in a thread, so that the event loop goes on serving."""


class TraceIngest:
    """Takes trace requests into a store."""

    def __init__(self, key: Key, store: EventStore, faults: FaultSwitch) -> None:
        self._key = key
        self._store = store
        self._faults = faults
        self._counters: Counter[str] = Counter(requests=0)

    async def handle(self, request: Request) -> Response:
        """Return the answer to a POST; errors are google.rpc.Status in the request's content type."""
        content_type = request.headers.get("content-type", "")
        self._counters["requests"] += 1
        try:
            await self._take(request, content_type)
        except HoneycombError as error:
            self._counters[f"requests.{int(error.status)}"] += 1
            return _error_response(content_type, error)
        self._counters[f"requests.{int(HTTPStatus.OK)}"] += 1
        return Response(HTTPStatus.OK, b"{}" if content_type == JSON_TYPE else b"", content_type)

    def counters(self) -> dict[str, int]:
        """Return how many requests there were, and how many with each status."""
        return dict(self._counters)

    async def _take(self, request: Request, content_type: str) -> None:
        if content_type not in CONTENT_TYPES:
            raise UnsupportedMediaTypeError(UNSUPPORTED_TYPE)
        await self._faults.apply()
        dataset = request.headers.get(DATASET_HEADER)
        self._key.check_traces(request.headers.get(KEY_HEADER), dataset)
        dataset = dataset if self._key.is_classic else None
        if request.body is not None and len(request.body) <= INLINE_MAX_BYTES:
            self._read(request, content_type, dataset)
        else:
            await asyncio.to_thread(self._read, request, content_type, dataset)

    def _read(self, request: Request, content_type: str, dataset: str | None) -> None:
        message = decode_request(request.body, content_type, request.headers.get("content-encoding", ""))
        self._store.add(events_of(message, dataset))


def _error_response(content_type: str, error: HoneycombError) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, FaultedError) and error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if content_type not in CONTENT_TYPES:
        return Response(error.status, str(error).encode(), "text/plain", headers)
    if content_type == JSON_TYPE:
        body = json.dumps({"message": str(error)}).encode()
    else:
        body = Status(message=str(error)).SerializeToString()
    return Response(error.status, body, content_type, headers)
