"""From segment documents and from Honeycomb events to the neutral spans that a waterfall draws."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from scripts.waterfall import Span
from xray.segments import merge_trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xray.segments import Node


def from_documents(documents: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Return the roots of the trace that X-Ray's segment *documents* make up."""
    return tuple(_from_node(root) for root in merge_trace(documents).roots)


def _from_node(node: Node) -> Span:
    document = node.document
    return Span(
        id=node.id,
        name=node.name,
        start=node.start_time,
        end=node.end_time,
        status=_status(document, in_progress=node.end_time is None),
        detail=_http_status(document),
        children=tuple(_from_node(child) for child in node.children),
    )


def _status(flags: Mapping[str, Any], *, in_progress: bool) -> str:
    for name in ("fault", "throttle", "error"):
        if flags.get(name):
            return name
    return "in progress" if in_progress else "ok"


def _http_status(document: Mapping[str, Any]) -> str:
    http = document.get("http") or {}
    status = (http.get("response") or {}).get("status")
    return "" if status is None else str(status)


def from_events(events: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Return the roots of the trace that Honeycomb's *events* make up.

    Each is ``{"time": RFC 3339, "data": {fields}}``; span events and links have no ``trace.span_id`` and
    are no spans.
    """
    spans = [event for event in events if event["data"].get("trace.span_id")]
    known = {event["data"]["trace.span_id"] for event in spans}
    children: dict[str, list[Mapping[str, Any]]] = {}
    roots: list[Mapping[str, Any]] = []
    for event in sorted(spans, key=lambda one: _seconds(one["time"])):
        parent = event["data"].get("trace.parent_id")
        (children.setdefault(parent, []) if parent in known else roots).append(event)
    return tuple(_from_event(root, children) for root in roots)


def _from_event(event: Mapping[str, Any], children: Mapping[str, list[Mapping[str, Any]]]) -> Span:
    data = event["data"]
    start = _seconds(event["time"])
    status = data.get("http.response.status_code", data.get("http.status_code"))
    return Span(
        id=data["trace.span_id"],
        name=str(data.get("name", "")),
        start=start,
        end=start + float(data.get("duration_ms", 0.0)) / 1000,
        status="error" if data.get("error") is True else "ok",
        detail="" if status is None else str(status),
        children=tuple(_from_event(child, children) for child in children.get(data["trace.span_id"], [])),
    )


def _seconds(time: str | float) -> float:
    if isinstance(time, int | float):
        return float(time)
    return datetime.fromisoformat(time).timestamp()
