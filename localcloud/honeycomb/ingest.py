"""`POST /v1/traces`: OTLP/HTTP (reference: opentelemetry.io/docs/specs/otlp; honeycombio/husky, otlp)."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from google.rpc.status_pb2 import Status

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.asgi import Request, Response
from localcloud.honeycomb.body import CONTENT_TYPES, JSON_TYPE, UNSUPPORTED_TYPE, decode_request
from localcloud.honeycomb.datasets import UNKNOWN_DATASET
from localcloud.honeycomb.errors import (
    FaultedError,
    HoneycombError,
    UnknownDatasetError,
    UnsupportedMediaTypeError,
)
from localcloud.honeycomb.events import datasets_of, events_of
from localcloud.honeycomb.faults import FaultSwitch
from localcloud.honeycomb.key_ring import KeyRing
from localcloud.honeycomb.keys import CREATE_DATASETS, DATASET_HEADER, KEY_HEADER, Key
from localcloud.honeycomb.store import EventStore

INLINE_MAX_BYTES = 4 * 1024
"""Longer and packed bodies are taken in a thread, so that the event loop goes on serving; so are datasets
looked up, and so is whatever comes while the store has much to do."""


class TraceIngest:
    """Takes trace requests.

    `store` gets the events; `has_dataset` tells whether there is a dataset of this name; `counters` is
    where requests are counted, in all and by status.
    """

    def __init__(
        self,
        keys: KeyRing,
        faults: FaultSwitch,
        store: EventStore,
        has_dataset: Callable[[str], bool],
        counters: Counter[str],
    ) -> None:
        self._keys = keys
        self._faults = faults
        self._store = store
        self._has_dataset = has_dataset
        self._counters = counters

    async def handle(self, request: Request) -> Response:
        """Return the answer; errors are google.rpc.Status in the request's content type, 405 is a problem.

        Raises:
            ConnectionDroppedError: a fault says that there is to be no answer.
        """
        content_type = request.headers.get("content-type", "")
        self._counters["requests"] += 1
        if request.method != "POST":
            refused = problems.method_not_allowed(["POST"]).response
            self._counters[f"requests.{int(refused.status)}"] += 1
            return refused
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
        await self._faults.apply(request.path)
        dataset = request.headers.get(DATASET_HEADER)
        key = self._keys.of_sender(request.headers.get(KEY_HEADER), dataset)
        dataset = dataset if key.is_classic else None
        encoding = request.headers.get("content-encoding", "")
        is_short = request.body is None or len(request.body) <= INLINE_MAX_BYTES
        if is_short and not encoding and key.allows(CREATE_DATASETS) and not self._store.is_full:
            self._read(request.body, content_type, encoding, key, dataset)
        else:
            await asyncio.to_thread(self._read, request.body, content_type, encoding, key, dataset)

    def _read(
        self, body: bytes | None, content_type: str, encoding: str, key: Key, dataset: str | None
    ) -> None:
        message = decode_request(body, content_type, encoding)
        may_create = key.allows(CREATE_DATASETS)
        if not may_create and not all(map(self._has_dataset, datasets_of(message, dataset))):
            raise UnknownDatasetError(UNKNOWN_DATASET)
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
