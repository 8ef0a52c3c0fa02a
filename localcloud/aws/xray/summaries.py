"""What GetTraceSummaries tells of a trace (source: the X-Ray API, TraceSummary)."""

from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.aws.xray.traces import StoredTrace
from xray.segments import Node, merge_trace

_HTTP_MEMBERS = (
    ("HttpURL", "request", "url"),
    ("HttpStatus", "response", "status"),
    ("HttpMethod", "request", "method"),
    ("UserAgent", "request", "user_agent"),
    ("ClientIp", "request", "client_ip"),
)


def summarise(trace: StoredTrace, account_id: str) -> dict[str, Any]:
    """Return the API's `TraceSummary` as far as segments alone tell it; root causes aren't worked out."""
    nodes = [node for _, node in merge_trace(trace.documents()).walk()]
    segments = [node for node in nodes if not node.is_subsegment]
    root = min(segments, key=lambda node: (node.parent_id is not None, node.start_time), default=None)
    services = {node.id: _service_id(node, account_id) for node in segments}
    summary: dict[str, Any] = {
        "Id": trace.trace_id,
        "StartTime": trace.start_time,
        "Duration": round(trace.end_time - trace.start_time, 6),
        "HasFault": _flag(root, "fault"),
        "HasError": _flag(root, "error"),
        "HasThrottle": _flag(root, "throttle"),
        "IsPartial": any(node.end_time is None for node in nodes),
        "Http": _http(root),
        "Annotations": _annotations(nodes, services, segments),
        "Users": _users(segments, services),
        "ServiceIds": _distinct(services.values()),
        "ResourceARNs": [{"ARN": arn} for arn in _texts(segments, "resource_arn")],
        "InstanceIds": [{"Id": text} for text in _ec2(segments, "instance_id")],
        "AvailabilityZones": [{"Name": text} for text in _ec2(segments, "availability_zone")],
        "FaultRootCauses": [],
        "ErrorRootCauses": [],
        "ResponseTimeRootCauses": [],
        "Revision": trace.revision,
    }
    if root is not None:
        summary["EntryPoint"] = services[root.id]
        if root.end_time is not None:
            summary["ResponseTime"] = round(root.end_time - root.start_time, 6)
    return summary


def _flag(root: Node | None, name: str) -> bool:
    return root is not None and root.document.get(name) is True


def _service_id(node: Node, account_id: str) -> dict[str, Any]:
    service = {"Name": node.name, "Names": [node.name], "AccountId": account_id}
    origin = node.document.get("origin")
    if isinstance(origin, str):
        service["Type"] = origin
    return service


def _http(root: Node | None) -> dict[str, Any]:
    http = root.document.get("http", {}) if root else {}
    found = {}
    for member, block, key in _HTTP_MEMBERS:
        value = (http.get(block) or {}).get(key) if isinstance(http.get(block), Mapping) else None
        kind = int if member == "HttpStatus" else str
        if isinstance(value, kind) and not isinstance(value, bool):
            found[member] = value
    return found


def _annotations(
    nodes: Iterable[Node], services: Mapping[str, dict[str, Any]], segments: list[Node]
) -> dict[str, list[dict[str, Any]]]:
    """Return each annotation's values, each with the services that set it; `nodes` are in a walk's order."""
    owner = segments[0].id if segments else None
    found: dict[str, dict[tuple[str, Any], list[dict[str, Any]]]] = {}
    for node in nodes:
        if not node.is_subsegment:
            owner = node.id
        for key, value in node.document.get("annotations", {}).items():
            kind = _annotation_member(value)
            ids = found.setdefault(key, {}).setdefault((kind, value), [])
            service = services.get(owner or "")
            if service is not None and service not in ids:
                ids.append(service)
    return {
        key: [{"AnnotationValue": {kind: value}, "ServiceIds": ids} for (kind, value), ids in values.items()]
        for key, values in found.items()
    }


def _annotation_member(value: object) -> str:
    if isinstance(value, bool):
        return "BooleanValue"
    return "StringValue" if isinstance(value, str) else "NumberValue"


def _users(segments: Iterable[Node], services: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    users: dict[str, list[dict[str, Any]]] = {}
    for node in segments:
        user = node.document.get("user")
        if isinstance(user, str) and services[node.id] not in users.setdefault(user, []):
            users[user].append(services[node.id])
    return [{"UserName": name, "ServiceIds": ids} for name, ids in users.items()]


def _distinct(services: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for service in services:
        if service not in found:
            found.append(service)
    return found


def _texts(segments: Iterable[Node], key: str) -> list[str]:
    values = (node.document.get(key) for node in segments)
    return list(dict.fromkeys(value for value in values if isinstance(value, str)))


def _ec2(segments: Iterable[Node], key: str) -> list[str]:
    blocks = (node.document.get("aws", {}).get("ec2") for node in segments)
    values = (block.get(key) for block in blocks if isinstance(block, Mapping))
    return list(dict.fromkeys(value for value in values if isinstance(value, str)))
