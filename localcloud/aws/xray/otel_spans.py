"""A trace's segments and subsegments as OpenTelemetry spans, in the JSON that CloudWatch Logs has of them.

Sources: published samples of the log group `aws/spans` (resource, traceId, spanId, kind, durationNano,
attributes as a plain object); the attributes are those of the OpenTelemetry Collector's X-Ray receiver, by
their current names. What ListRetrievedTraces itself answers in the format OTEL isn't documented.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from xray.segments import Node, Waterfall

SCOPE = "localcloud.xray"
NANOSECONDS_MAX = 2**64 - 1
_REQUEST = {
    "method": "http.request.method",
    "url": "url.full",
    "user_agent": "user_agent.original",
    "client_ip": "client.address",
}
_RESPONSE = {"status": "http.response.status_code", "content_length": "http.response.body.size"}
_SQL = {
    "url": "db.connection_string",
    "sanitized_query": "db.query.text",
    "database_type": "db.system.name",
    "user": "db.user",
}
_AWS = {
    "operation": "rpc.method",
    "account_id": "aws.account_id",
    "region": "aws.region",
    "request_id": "aws.request_id",
    "queue_url": "aws.sqs.queue.url",
    "table_name": "aws.table.name",
}
_PLATFORMS = {
    "AWS::EC2::Instance": "aws_ec2",
    "AWS::ECS::Container": "aws_ecs",
    "AWS::ECS::EC2": "aws_ecs",
    "AWS::ECS::Fargate": "aws_ecs",
    "AWS::EKS::Container": "aws_eks",
    "AWS::ElasticBeanstalk::Environment": "aws_elastic_beanstalk",
    "AWS::Lambda::Function": "aws_lambda",
    "AWS::AppRunner::Service": "aws_apprunner",
}


def otel_spans(trace_id: str, waterfall: Waterfall) -> Iterator[dict[str, Any]]:
    """Yield each segment and subsegment as a span, parents first."""
    segments: list[Node | None] = []
    for depth, node in waterfall.walk():
        enclosing = segments[depth - 1] if depth else None
        segments[depth:] = [enclosing if node.is_subsegment else node]
        yield _span(trace_id, node, segments[depth])


def _span(trace_id: str, node: Node, segment: Node | None) -> dict[str, Any]:
    start = _nanoseconds(node.start_time)
    span: dict[str, Any] = {
        "resource": {"attributes": _resource(segment.document if segment else {})},
        "scope": {"name": SCOPE},
        "traceId": trace_id[2:].replace("-", ""),
        "spanId": node.id,
        "name": node.name,
        "kind": _kind(node),
        "startTimeUnixNano": start,
        "attributes": _attributes(node.document),
        "events": _exceptions(node.document, start),
        "status": {"code": "ERROR" if _failed(node.document) else "UNSET"},
    }
    if node.parent_id is not None:
        span["parentSpanId"] = node.parent_id
    if node.end_time is not None:
        end = _nanoseconds(node.end_time)
        span |= {"endTimeUnixNano": end, "durationNano": max(0, end - start)}
    return span


def _kind(node: Node) -> str:
    if not node.is_subsegment:
        return "SERVER"
    return "CLIENT" if node.document.get("namespace") in ("aws", "remote") else "INTERNAL"


def _resource(segment: Mapping[str, Any]) -> dict[str, Any]:
    aws = segment.get("aws") or {}
    found = {
        "service.name": segment.get("name"),
        "service.version": (segment.get("service") or {}).get("version"),
        "cloud.account.id": aws.get("account_id"),
        "cloud.platform": _PLATFORMS.get(segment.get("origin") or ""),
        "cloud.provider": "aws" if segment.get("origin") in _PLATFORMS else None,
        "host.id": (aws.get("ec2") or {}).get("instance_id"),
    }
    return _given(found)


def _attributes(document: Mapping[str, Any]) -> dict[str, Any]:
    http = document.get("http") or {}
    found = {
        **_renamed(_REQUEST, http.get("request")),
        **_renamed(_RESPONSE, http.get("response")),
        **_renamed(_SQL, document.get("sql")),
        "enduser.id": document.get("user"),
        "aws.xray.inprogress": document.get("in_progress") or None,
        **(document.get("annotations") or {}),
    }
    if document.get("namespace") == "aws":
        found |= {"rpc.system": "aws-api", "rpc.service": document["name"]}
        found |= _renamed(_AWS, document.get("aws"))
    for namespace, values in (document.get("metadata") or {}).items():
        found[f"aws.xray.metadata.{namespace}"] = json.dumps(values, separators=(",", ":"))
    return _given(found)


def _exceptions(document: Mapping[str, Any], at: int) -> list[dict[str, Any]]:
    cause = document.get("cause")
    exceptions = cause.get("exceptions") or [] if isinstance(cause, Mapping) else []
    return [
        {
            "name": "exception",
            "timeUnixNano": at,
            "attributes": _given(
                {
                    "exception.type": exception.get("type"),
                    "exception.message": exception.get("message"),
                    "exception.stacktrace": _stack(exception.get("stack") or []),
                }
            ),
        }
        for exception in exceptions
    ]


def _stack(frames: list[Mapping[str, Any]]) -> str | None:
    lines = [f"{frame.get('label', '')} ({frame.get('path', '')}:{frame.get('line', 0)})" for frame in frames]
    return "\n".join(lines) or None


def _failed(document: Mapping[str, Any]) -> bool:
    return any(document.get(flag) for flag in ("fault", "error", "throttle"))


def _renamed(names: Mapping[str, str], block: Mapping[str, Any] | None) -> dict[str, Any]:
    return {names[key]: value for key, value in (block or {}).items() if key in names}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _nanoseconds(seconds: float) -> int:
    # The fraction apart: the product of an epoch time alone would be up to 128 ns off.
    whole, fraction = divmod(seconds, 1)
    return min(int(whole) * 10**9 + round(fraction * 1e9), NANOSECONDS_MAX)
