"""`/_localcloud/`: ours, not Honeycomb's; shows what is stored and switches faults."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.asgi import Request, Response, json_response
from localcloud.honeycomb.attributes import Fields
from localcloud.honeycomb.control_documents import document_of
from localcloud.honeycomb.errors import ControlError, StorageError
from localcloud.honeycomb.faults import Fault, FaultSwitch
from localcloud.honeycomb.ingest import TraceIngest
from localcloud.honeycomb.numbers import NANOSECONDS
from localcloud.honeycomb.store import EventStore, StoredEvent

PREFIX = "/_localcloud/"
_TRACE_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{16}", re.IGNORECASE)
_EVENT_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)

EVENTS_PER_PAGE = 1_000


class Control:
    """Answers the control requests."""

    def __init__(self, store: EventStore, ingest: TraceIngest, faults: FaultSwitch) -> None:
        self._store = store
        self._ingest = ingest
        self._faults = faults

    def handle(self, request: Request) -> Response:
        """Return the answer to a request whose path begins with `PREFIX`."""
        try:
            return json_response(HTTPStatus.OK, self._answer(request))
        except (ControlError, StorageError) as error:
            return json_response(error.status, {"error": str(error)})

    def _answer(self, request: Request) -> Mapping[str, Any]:
        name, _, rest = request.path.removeprefix(PREFIX).partition("/")
        match request.method, name, rest:
            case "GET", "health", "":
                return {"status": "ok"}
            case "GET", "traces", trace_id:
                return self._trace(trace_id)
            case "GET", "events", first:
                return self._events(first)
            case "GET", "datasets", "":
                return {
                    "datasets": [
                        {"slug": dataset.slug, "name": dataset.name, "events": dataset.events}
                        for dataset in self._store.datasets()
                    ]
                }
            case "GET", "counters", "":
                return {
                    **self._ingest.counters(),
                    **{f"events.{name}": count for name, count in self._store.counters().items()},
                    "faults_applied": self._faults.applied,
                }
            case ("GET" | "PUT" | "DELETE") as method, "faults", "":
                if method == "PUT":
                    self._faults.set(Fault.from_document(document_of(request)))
                elif method == "DELETE":
                    self._faults.set(None)
                return self._faults.describe()
        raise ControlError(f"no such control request: {request.method} {request.path}", HTTPStatus.NOT_FOUND)

    def _trace(self, trace_id: str) -> Mapping[str, Any]:
        if not _TRACE_ID.fullmatch(trace_id):
            raise ControlError("traces: expected a trace id of 32 hexadecimal digits")
        events = [_shown(event) for event in self._store.trace(trace_id)]
        return {"trace_id": trace_id.lower(), "events": events}

    def _events(self, first: str) -> Mapping[str, Any]:
        if first and not _EVENT_NUMBER.fullmatch(first):
            raise ControlError("events: expected the number of the first event, 0 or what `next` said")
        events, following = self._store.page(int(first or 0), EVENTS_PER_PAGE)
        return {"events": [_shown(event) for event in events], "next": following}


def _shown(event: StoredEvent) -> dict[str, Any]:
    return {
        "dataset": event.dataset,
        "time": _rfc3339(event.time),
        "samplerate": event.sample_rate,
        "data": _finite(event.fields),
    }


def _rfc3339(time_ns: int) -> str:
    seconds, nanoseconds = divmod(time_ns, NANOSECONDS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"


def _finite(fields: Fields) -> dict[str, Any]:
    """Return `fields` with the numbers that JSON has not as the texts NaN, Infinity and -Infinity."""
    return {
        name: json.dumps(value) if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
