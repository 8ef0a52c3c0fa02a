"""`/1/events` and `/1/batch` (reference: Honeycomb API, Events)."""

import asyncio
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.bodies import MalformedError, encoding_of, parse
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.event_fields import EMPTY, MALFORMED, EventError, fields_of
from localcloud.honeycomb.api.event_times import time_of
from localcloud.honeycomb.api.router import ApiCall, Body, Route
from localcloud.honeycomb.api.times import Clock
from localcloud.honeycomb.asgi import Request, Response, json_response
from localcloud.honeycomb.compression import decompress
from localcloud.honeycomb.datasets import ALL_DATASETS, NAME_MAX_CHARACTERS, UNKNOWN_DATASET
from localcloud.honeycomb.errors import CompressionError, TooLargeError, UnknownEncodingError
from localcloud.honeycomb.events import Event
from localcloud.honeycomb.keys import CREATE_DATASETS, EVENTS
from localcloud.honeycomb.limits import EVENT_MAX_BYTES, fit, reason_to_refuse
from localcloud.honeycomb.sample_rate import rate_of
from localcloud.honeycomb.store import EventStore

TIME_HEADER = "x-honeycomb-event-time"
RATE_HEADER = "x-honeycomb-samplerate"

BATCH_MAX_BYTES = 5_000_000
"""Packed or not: what Refinery sends at most (honeycombio/refinery transmit/direct_transmit.go)."""

BATCH_MAX_EVENTS = 100_000
"""Ours, to bound memory."""

TOO_LARGE = "Request body is too large."
TOO_MANY_COLUMNS = "Event has too many columns."
_REFUSALS = {"too_many_fields": TOO_MANY_COLUMNS, "too_large": TOO_LARGE}
_OTHER_TYPES = ("application/msgpack", "application/x-msgpack")


class Events:
    """Takes events into the store."""

    def __init__(self, catalogue: Catalogue, store: EventStore, clock: Clock) -> None:
        self._catalogue = catalogue
        self._store = store
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/1/events/{dataset}", self._one, (EVENTS,), Body.OWN),
            Route("POST", "/1/batch/{dataset}", self._batch, (EVENTS,), Body.OWN),
        ]

    async def _one(self, call: ApiCall) -> Response:
        dataset = await self._dataset(call)
        await asyncio.to_thread(self._store_one, dataset, call.request)
        return Response(HTTPStatus.OK)

    async def _batch(self, call: ApiCall) -> Response:
        dataset = await self._dataset(call)
        return await asyncio.to_thread(self._store_batch, dataset, call.request)

    async def _dataset(self, call: ApiCall) -> str:
        """Return the dataset's name; raise ApiError (404) where the key may not create it."""
        name = call.path["dataset"].strip()
        if not name or name == ALL_DATASETS or len(name) > NAME_MAX_CHARACTERS:
            raise problems.legacy(HTTPStatus.NOT_FOUND, UNKNOWN_DATASET)
        may_create = call.key.allows(CREATE_DATASETS)
        if not may_create and not await asyncio.to_thread(self._catalogue.has, name):
            raise problems.legacy(HTTPStatus.NOT_FOUND, UNKNOWN_DATASET)
        return name

    def _store_one(self, dataset: str, request: Request) -> None:
        data = _document(request, EVENT_MAX_BYTES)
        headers = request.headers
        try:
            event = self._event(dataset, data, headers.get(TIME_HEADER), headers.get(RATE_HEADER))
        except EventError as error:
            raise problems.bad_request(str(error)) from error
        self._store.add([event])

    def _store_batch(self, dataset: str, request: Request) -> Response:
        document = _document(request, BATCH_MAX_BYTES)
        if not isinstance(document, list):
            raise problems.bad_request(MALFORMED)
        if len(document) > BATCH_MAX_EVENTS:
            raise problems.bad_request(TOO_LARGE)
        events: list[Event] = []
        answers: list[dict[str, Any]] = []
        for item in document:
            try:
                event = self._event(dataset, *_parts(item))
            except EventError as error:
                answers.append({"status": int(HTTPStatus.BAD_REQUEST), "error": str(error)})
            else:
                events.append(event)
                answers.append({"status": int(HTTPStatus.ACCEPTED)})
        self._store.add(events)
        return json_response(HTTPStatus.OK, answers)

    def _event(self, dataset: str, data: object, time: object, rate: object) -> Event:
        """Return the event; raise EventError where it is none, or beyond Honeycomb's limits."""
        fields = fields_of(data, self._catalogue.expand_json_depth(dataset))
        reason = reason_to_refuse(*fit(fields))
        if reason is not None:
            raise EventError(_REFUSALS.get(reason, MALFORMED))
        time_ns = time_of(time)
        return Event(dataset, self._clock() if time_ns is None else time_ns, rate_of(rate), fields)


def _parts(item: object) -> tuple[object, object, object]:
    """Return data, time and rate of an event in a batch; raise EventError where it is no object."""
    if not isinstance(item, dict):
        raise EventError(MALFORMED)
    return item.get("data"), item.get("time"), item.get("samplerate")


def _document(request: Request, limit_bytes: int) -> Any:
    """Return the JSON in the body; raise ApiError (400 or 415) with Honeycomb's text where there is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() in _OTHER_TYPES:
        raise problems.unsupported_type("expected a Content-Type of application/json")
    if request.body is None or len(request.body) > limit_bytes:
        raise problems.bad_request(TOO_LARGE)
    try:
        body = decompress(request.body, encoding_of(request), limit_bytes)
        if not body.strip():
            raise problems.bad_request(EMPTY)
        return parse(body)
    except TooLargeError as error:
        raise problems.bad_request(TOO_LARGE) from error
    except UnknownEncodingError as error:
        raise problems.unsupported_type("expected a Content-Encoding of gzip or zstd, or none") from error
    except (CompressionError, MalformedError) as error:
        raise problems.bad_request(MALFORMED) from error
