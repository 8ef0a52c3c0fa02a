"""Service graphs from what services and calls add up to (source: the X-Ray API, Service and Edge)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.xray.store.figures import Figures

CLIENT_TYPE = "client"

_Identity = tuple[str, str | None, str | None]
_NOBODY = (float("inf"), float("-inf"))
_NOTHING = Figures(0, 0, 0, 0, 0, 0.0, [])


def statistics_to_api(figures: Figures) -> dict[str, Any]:
    """Return the API's `ServiceStatistics`, which `EdgeStatistics` is alike."""
    return {
        "OkCount": figures.ok,
        "ErrorStatistics": {
            "ThrottleCount": figures.throttle,
            "OtherCount": figures.other_error,
            "TotalCount": figures.throttle + figures.other_error,
        },
        "FaultStatistics": {"OtherCount": figures.fault, "TotalCount": figures.fault},
        "TotalCount": figures.completed,
        "TotalResponseTime": round(figures.total_response_time, 6),
    }


@dataclass(slots=True)
class _Link:
    """Calls from one node to another."""

    times: tuple[float, float]
    figures: Figures


@dataclass(slots=True)
class _Node:
    """A service, or a client."""

    times: tuple[float, float] = _NOBODY
    root: bool = False
    active: bool = False
    figures: Figures = _NOTHING
    links: dict[_Identity, _Link] = field(default_factory=dict)


def build_graph(
    services: Iterable[tuple[Any, ...]], edges: Iterable[tuple[Any, ...]]
) -> list[dict[str, Any]]:
    """Return the API's `Services` from the rows of `store.figures.services` and `edges`.

    Clients, which only call, come last; a service's number is its place.
    """
    nodes: dict[_Identity, _Node] = {}
    for name, kind, account_id, root, inferred, start, end, *figures in services:
        nodes[name, kind, account_id] = _Node((start, end), root, not inferred, Figures._make(figures))
    own = frozenset(nodes)
    for row in edges:
        source, target, (start, end) = _identity(row[:3]), _identity(row[3:6]), row[6:8]
        for identity in {source, target} - own:
            node = nodes.setdefault(identity, _Node())
            node.times = _wider(node.times, start, end)
        nodes[source].links[target] = _Link((start, end), Figures._make(row[8:]))
    ordered = sorted(nodes, key=lambda identity: _order(identity, nodes[identity]))
    numbers = {identity: number for number, identity in enumerate(ordered)}
    return [_service(identity, nodes[identity], numbers) for identity in ordered]


def _identity(parts: Iterable[Any]) -> _Identity:
    name, kind, account_id = parts
    return name, kind, account_id


def _wider(times: tuple[float, float], start: float, end: float) -> tuple[float, float]:
    return min(times[0], start), max(times[1], end)


def _order(identity: _Identity, node: _Node) -> tuple[bool, bool, str, str, str]:
    name, kind, account_id = identity
    return kind == CLIENT_TYPE, not node.root, name, kind or "", account_id or ""


def _service(identity: _Identity, node: _Node, numbers: dict[_Identity, int]) -> dict[str, Any]:
    name, kind, account_id = identity
    service: dict[str, Any] = {
        "ReferenceId": numbers[identity],
        "Name": name,
        "Names": [name],
        "State": "active" if node.active else "unknown",
        "StartTime": node.times[0],
        "EndTime": node.times[1],
        "Edges": [_edge(numbers[target], link) for target, link in node.links.items()],
    }
    if kind is not None:
        service["Type"] = kind
    if account_id is not None:
        service["AccountId"] = account_id
    if kind != CLIENT_TYPE:
        service["Root"] = node.root
        service["SummaryStatistics"] = statistics_to_api(node.figures)
        service["DurationHistogram"] = node.figures.response_times
        service["ResponseTimeHistogram"] = node.figures.response_times
    service["Edges"].sort(key=lambda edge: edge["ReferenceId"])
    return service


def _edge(number: int, link: _Link) -> dict[str, Any]:
    return {
        "ReferenceId": number,
        "StartTime": link.times[0],
        "EndTime": link.times[1],
        "SummaryStatistics": statistics_to_api(link.figures),
        "ResponseTimeHistogram": link.figures.response_times,
        "Aliases": [],
    }
