"""The document of a span of the usual kind, made in fewer steps: a request, or a piece of work within one.

Usual is what holds nothing that another block, a name or a cause could come of. What comes out is what
segments.py makes of it the long way, which the tests compare.
"""

from collections.abc import Collection, Mapping
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from services.tracing.times import bounded_nanoseconds
from services.tracing.translation.attributes import ANNOTATIONS_ATTRIBUTE, USER_ATTRIBUTE, clean_key
from services.tracing.translation.aws import CALL_KEYS
from services.tracing.translation.http import HTTP_KEYS, METHOD, UNUSUAL_HTTP_KEYS, server_block
from services.tracing.translation.naming import NAMING_KEYS
from services.tracing.translation.resource import ResourceView
from services.tracing.translation.values import json_value
from xray.names import (
    ANNOTATION_KEY_MAX_CHARACTERS,
    ANNOTATION_VALUE_MAX_CHARACTERS,
    clean_segment_name,
    to_xray_trace_id,
)

RESERVED_PREFIX = "aws.xray."
_SPECIAL = NAMING_KEYS | CALL_KEYS | {USER_ATTRIBUTE, ANNOTATIONS_ATTRIBUTE, "aws.span.kind"}
_NOT_OF_WORK = _SPECIAL | HTTP_KEYS
_NOT_OF_SERVER = _SPECIAL | UNUSUAL_HTTP_KEYS


def usual_document(
    span: ReadableSpan, view: ResourceView, attributes: Mapping[str, Any], indexed: Collection[str]
) -> dict[str, Any] | None:
    """Return the document, None where the span isn't of the usual kind."""
    kind, status = span.kind, span.status.status_code
    is_server = kind is SpanKind.SERVER
    if is_server:
        if METHOD not in attributes or not _NOT_OF_SERVER.isdisjoint(attributes):
            return None
    elif kind is not SpanKind.INTERNAL or not _NOT_OF_WORK.isdisjoint(attributes):
        return None
    name = view.service_name if is_server else span.name
    if status is StatusCode.ERROR or span.events or span.links or name.__class__ is not str or not name:
        return None
    context, parent = span.context, span.parent
    start, end = bounded_nanoseconds(span.start_time), span.end_time
    document: dict[str, Any] = {
        "trace_id": to_xray_trace_id(context.trace_id),
        "id": f"{context.span_id:016x}",
        "name": clean_segment_name(name),
        "start_time": start / 1e9,
        "end_time": (start if end is None else bounded_nanoseconds(end)) / 1e9,
    }
    default: dict[str, Any] = {}
    has_parent = parent is not None and parent.span_id != 0
    if has_parent and parent is not None:
        document["parent_id"] = f"{parent.span_id:016x}"
    if has_parent and not is_server:
        document["type"] = "subsegment"
    else:
        if not view.prefixed.keys().isdisjoint(indexed):
            return None
        default.update(view.prefixed)
    if is_server:
        attributes = dict(attributes)
        document["http"] = http = server_block(attributes)
        code = http["response"].get("status", 0)
        if code >= 400:
            return None
    annotations: dict[str, str] = {}
    for key, value in attributes.items():
        if value.__class__ is not str:
            if key in indexed or key.startswith(RESERVED_PREFIX):
                return None
            default[key] = json_value(value)
        elif key in indexed:
            cleaned = clean_key(key)
            if not 1 <= len(cleaned) <= ANNOTATION_KEY_MAX_CHARACTERS:
                return None
            if len(value) > ANNOTATION_VALUE_MAX_CHARACTERS:
                return None
            annotations[cleaned] = value
        elif key.startswith(RESERVED_PREFIX):
            return None
        else:
            default[key] = value
    if view.origin:
        document["origin"] = view.origin
    if view.service:
        document["service"] = view.service
    if view.is_aws and view.aws:
        document["aws"] = dict(view.aws)
    if annotations:
        document["annotations"] = annotations
    if default:
        document["metadata"] = {"default": default}
    return document
