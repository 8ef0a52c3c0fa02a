"""The `aws` block: the resource's part, and what a call to an AWS service was."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.tracing.translation.resource import ResourceView
from services.tracing.translation.values import short_text, without_empty

RPC_SYSTEM_AWS = "aws-api"
CALL_FIELDS = ("operation", "account_id", "region", "request_id", "queue_url", "table_name", "table_names")
CALL_KEYS = frozenset(
    {
        *("aws.operation", "rpc.method", "aws.account_id", "aws.region", "cloud.region", "aws.request_id"),
        *("aws.requestId", "aws.queue_url", "aws.queue.url", "aws.table_name", "aws.table.name"),
        *("messaging.url", "aws.dynamodb.table_names"),
    }
)
"""A span with none of these is no call to an AWS service."""


def is_aws_call(attributes: Mapping[str, Any]) -> bool:
    """Tell whether the span is a call that an AWS SDK made."""
    return (
        attributes.get("rpc.system") == RPC_SYSTEM_AWS or attributes.get("rpc.system.name") == RPC_SYSTEM_AWS
    )


def make_aws(attributes: dict[str, Any], view: ResourceView) -> dict[str, Any] | None:
    """Return the `aws` block and take what it holds out of `attributes`; None on another cloud."""
    if CALL_KEYS.isdisjoint(attributes):
        return dict(view.aws) if view.is_aws else None
    operation, method = attributes.pop("aws.operation", None), attributes.pop("rpc.method", None)
    call: dict[str, Any] = {
        "operation": _text(operation if operation is not None else method),
        "account_id": _text(attributes.pop("aws.account_id", None)),
        "region": _region(attributes),
        "request_id": _first(attributes, "aws.request_id", "aws.requestId"),
        "queue_url": _first(attributes, "aws.queue_url", "aws.queue.url"),
        "table_name": _first(attributes, "aws.table_name", "aws.table.name"),
    }
    if not view.is_aws:
        return None
    if (url := attributes.get("messaging.url")) is not None:
        call["queue_url"] = short_text(url)
    tables = attributes.get("aws.dynamodb.table_names")
    if isinstance(tables, str):
        call["table_name"] = short_text(tables)
    elif isinstance(tables, Sequence) and len(tables) == 1:
        call["table_name"] = short_text(tables[0])
    elif isinstance(tables, Sequence) and tables:
        call["table_name"] = None
        call["table_names"] = [short_text(table) for table in tables]
    return {**view.aws, **without_empty(call)}


def _region(attributes: dict[str, Any]) -> str | None:
    """Return `aws.region`; the botocore instrumentation writes `cloud.region`, on calls to AWS alone."""
    keys = ("aws.region", "cloud.region") if is_aws_call(attributes) else ("aws.region",)
    return _first(attributes, *keys)


def _text(value: object) -> str | None:
    return None if value is None else short_text(value)


def _first(attributes: dict[str, Any], *keys: str) -> str | None:
    values = [attributes.pop(key, None) for key in keys]
    return next((short_text(value) for value in values if value is not None), None)
