"""Traces such as this backend sends, made from its settings where no real one is at hand.

A test holds their shape against documents that the backend really sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xray.audit.deciding import Route
from xray.names import clean_segment_name
from xray.traces.derivation import derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xray.traces.facts import TraceFacts

HOME = Route("GET", "/api/activities/home")
ACCOUNT_ID = "123456789012"
STARTED_AT = 1_795_000_000.0
SECONDS, SLOW_SECONDS = 0.02, 6.0
_Document = dict[str, Any]


def sample_documents(
    service_name: str,
    *,
    routes: Sequence[Route] = (HOME,),
    origin: str | None = None,
    host: str = "localhost",
    environment: str = "local",
    started_at: float = STARTED_AT,
) -> list[_Document]:
    """Return documents of one trace for each route, answered 200, and of three more for the first route.

    These are a slow one (6 s), one refused (404) and one that failed (500, with its cause). The first trace
    has a piece of work below its segment. `origin` is the segments' origin (`AWS::ECS::Container`), None
    where nothing tells it; `started_at` is epoch seconds. X-Ray takes each (`validate_document`).
    """
    make = _Maker(service_name, origin, host, environment, started_at)
    first = routes[0]
    documents = [document for route in routes for document in make.trace(route, 200, work=route is first)]
    documents += make.trace(first, 200, seconds=SLOW_SECONDS)
    documents += make.trace(first, 404)
    documents += make.trace(first, 500)
    return documents


def sample_traces(service_name: str, **settings: Any) -> list[TraceFacts]:
    """Return what the documents of `sample_documents` say, a trace each."""
    return traces_of(sample_documents(service_name, **settings))


def traces_of(documents: Iterable[Mapping[str, Any]], account_id: str = ACCOUNT_ID) -> list[TraceFacts]:
    """Return what documents of any traces say, a trace each, in the order of their first documents.

    `account_id` is that of segments that don't name theirs. Expects documents that X-Ray takes.
    """
    traces: dict[str, list[Mapping[str, Any]]] = {}
    for document in documents:
        traces.setdefault(document["trace_id"].lower(), []).append(document)
    return [derive(of_trace, account_id) for of_trace in traces.values()]


class _Maker:
    def __init__(
        self, service_name: str, origin: str | None, host: str, environment: str, started_at: float
    ) -> None:
        self._name = clean_segment_name(service_name)
        self._origin = origin
        self._host = host
        self._started_at = started_at
        self._resource = {
            "otel.resource.telemetry.sdk.name": "opentelemetry",
            "otel.resource.telemetry.sdk.language": "python",
            "otel.resource.service.name": service_name,
            "otel.resource.deployment.environment.name": environment,
        }
        self._made = 0

    def trace(
        self, route: Route, status: int, *, seconds: float = SECONDS, work: bool = False
    ) -> list[_Document]:
        self._made += 1
        segment = self._document(self._name, 1, seconds)
        segment["http"] = {
            "request": {
                "method": route.method,
                "url": f"http://{self._host}{route.path}",
                "user_agent": "Mozilla/5.0",
                "client_ip": "127.0.0.1",
            },
            "response": {"status": status, "content_length": 1282},
        }
        segment["metadata"] = {"default": {**self._resource, "network.protocol.version": "1.1"}}
        if status != 404:
            segment["annotations"] = {"http.route": (route.name or f" {route.path}").partition(" ")[2]}
        if status >= 500:
            segment |= {"fault": True, "cause": {"exceptions": [self._exception()]}}
        elif status >= 400:
            segment["error"] = True
        if not work:
            return [segment]
        below = self._document("work", 2, seconds / 2)
        below |= {"parent_id": segment["id"], "type": "subsegment"}
        below["metadata"] = {"default": {"app.result_length": 3}}
        return [segment, below]

    def _document(self, name: str, number: int, seconds: float) -> _Document:
        begin = self._started_at + self._made
        document: _Document = {
            "trace_id": f"1-{int(begin):08x}-{self._made:024x}",
            "id": f"{self._made:08x}{number:08x}",
            "name": name,
            "start_time": begin,
            "end_time": begin + seconds,
            "service": {"version": "0.1.0"},
            "aws": {"xray": {"sdk": "opentelemetry for python", "auto_instrumentation": False}},
        }
        return document if self._origin is None else {**document, "origin": self._origin}

    def _exception(self) -> _Document:
        frame = {"path": "services/home_activities.py", "line": 17, "label": "run"}
        return {
            "id": f"{self._made:08x}000000ee",
            "type": "ZeroDivisionError",
            "message": "division by zero",
            "remote": False,
            "stack": [frame],
        }
