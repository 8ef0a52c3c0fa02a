"""From segment documents and from Honeycomb events to the neutral spans that a waterfall draws."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scripts.traces.causes import Exceptions
from scripts.traces.spans import INFERRED, Span
from xray.segments import merge_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from xray.segments import Node

PARENT_MISSING = "parent missing"
"""The mark of a root that names a parent, which is in no document: not sampled, lost, or on its way."""


def from_documents(documents: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Return the roots of the trace that X-Ray's segment *documents* make up."""
    roots = merge_trace(documents).roots
    told = Exceptions(roots)
    return _trees(
        roots,
        service=lambda node, above: above if node.is_subsegment else node.name,
        make=lambda node, service, _, children: _from_node(node, service, children, told),
    )


def _from_node(node: Node, service: str, children: Sequence[Span], exceptions: Exceptions) -> Span:
    document = node.document
    http = block(document, "http")
    request = block(http, "request")
    status = block(http, "response").get("status")
    annotations = block(document, "annotations")
    words = [document.get("namespace") if node.is_subsegment else document.get("origin")]
    words += [INFERRED if document.get("inferred") is True else None]
    return Span(
        id=node.id,
        name=node.name,
        start=float(node.start_time),
        end=None if node.end_time is None else float(node.end_time),
        status=_status(document, in_progress=node.end_time is None),
        detail="" if status is None else str(status),
        children=children,
        service=service,
        marks=tuple(str(word) for word in words if word),
        request=" ".join(str(request[key]) for key in ("method", "url") if request.get(key)),
        annotations=tuple((key, _value(annotations[key])) for key in sorted(annotations)),
        exceptions=exceptions.of(node),
    )


def block(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object *name* of *document*, an empty one where it has none."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _status(flags: Mapping[str, Any], *, in_progress: bool) -> str:
    for name in ("fault", "throttle", "error"):
        if flags.get(name):
            return name
    return "in progress" if in_progress else "ok"


def _trees(
    roots: Sequence[Node],
    *,
    service: Callable[[Node, str], str],
    make: Callable[[Node, str, str, Sequence[Span]], Span],
) -> tuple[Span, ...]:
    """Return *roots* as spans; children are made before their parents, without recursion.

    *service* tells a node's service from its parent's; *make* gets the node, both, and its children.
    """
    order: list[tuple[Node, str, str]] = []
    stack = [(root, "") for root in reversed(roots)]
    while stack:
        node, above = stack.pop()
        own = service(node, above)
        order.append((node, own, above))
        stack += [(child, own) for child in reversed(node.children)]
    made: dict[int, Span] = {}
    for node, own, above in reversed(order):
        made[id(node)] = make(node, own, above, tuple(made.pop(id(child)) for child in node.children))
    return tuple(_root(made[id(root)], root) for root in roots)


def _root(span: Span, node: Node) -> Span:
    if node.parent_id is None:
        return span
    return replace(span, marks=(*span.marks, PARENT_MISSING))


def from_events(events: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Return the roots of the trace that Honeycomb's *events* make up.

    Each is ``{"time": RFC 3339, "data": {fields}}``; span events and links have no ``trace.span_id`` and
    are no spans.
    """
    nodes = [_node_of(event) for event in events if event["data"].get("trace.span_id")]
    return _trees(
        merge_trace(nodes).roots,
        service=lambda node, above: str(node.document["data"].get("service.name", above)),
        make=_from_event,
    )


def _node_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event with the names that a segment document has, so that both are planted alike."""
    data = event["data"]
    start = _seconds(event["time"])
    return {
        "id": data["trace.span_id"],
        "name": str(data.get("name", "")),
        "parent_id": data.get("trace.parent_id"),
        "start_time": start,
        "end_time": start + float(data.get("duration_ms", 0.0)) / 1000,
        "data": data,
    }


def _from_event(node: Node, service: str, above: str, children: Sequence[Span]) -> Span:
    data = node.document["data"]
    status = data.get("http.response.status_code", data.get("http.status_code"))
    return Span(
        id=node.id,
        name=node.name,
        start=node.start_time,
        end=node.end_time,
        status="error" if data.get("error") is True else "ok",
        detail="" if status is None else str(status),
        children=children,
        service=service,
        marks=(f"of {service}",) if service not in ("", above, node.name) else (),
    )


def _seconds(time: str | float) -> float:
    if isinstance(time, int | float):
        return float(time)
    return datetime.fromisoformat(time).timestamp()
