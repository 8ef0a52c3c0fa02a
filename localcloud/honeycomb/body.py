"""A request's body, from the wire to a protobuf message."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from localcloud.honeycomb.asgi import BODY_MAX_BYTES
from localcloud.honeycomb.compression import decompress
from localcloud.honeycomb.errors import (
    CompressionError,
    TooLargeError,
    UnreadableBodyError,
    UnsupportedMediaTypeError,
)
from localcloud.honeycomb.wire import holds_more

PROTOBUF_TYPES = ("application/protobuf", "application/x-protobuf")
JSON_TYPE = "application/json"
CONTENT_TYPES = (*PROTOBUF_TYPES, JSON_TYPE)
UNSUPPORTED_TYPE = f"unsupported content-type, valid types are: {', '.join(CONTENT_TYPES)}"

EVENTS_MAX = 100_000
"""Spans, span events and links of one request; ours, to bound memory and time."""

MESSAGES_MAX = 2_000_000
"""Messages of one request, attributes and their values included, or JSON's objects and lists; ours."""

_TOO_MANY = f"more than {EVENTS_MAX} spans, span events and links, or {MESSAGES_MAX} messages"
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


def decode_request(body: bytes | None, content_type: str, encoding: str) -> ExportTraceServiceRequest:
    """Return the trace request in `body`; None stands for a body that was too long to be kept.

    Raises:
        UnsupportedMediaTypeError: the content type is none of Honeycomb's, compared exactly.
        UnreadableBodyError: the body is no such request, longer than 20 MiB, packed or unpacked, or has more
            than 100,000 spans, span events and links.
    """
    if content_type not in CONTENT_TYPES:
        raise UnsupportedMediaTypeError(UNSUPPORTED_TYPE)
    if body is None:
        raise UnreadableBodyError(str(TooLargeError(BODY_MAX_BYTES)))
    plain = _decompress(body, encoding)
    request = _from_json(plain) if content_type == JSON_TYPE else _from_protobuf(plain)
    if sum(_events(request)) > EVENTS_MAX:
        raise UnreadableBodyError(_TOO_MANY)
    return request


def _events(request: ExportTraceServiceRequest) -> Iterator[int]:
    """Yield how many events each span makes."""
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield 1 + len(span.events) + len(span.links)


def _decompress(body: bytes, encoding: str) -> bytes:
    try:
        return decompress(body, encoding, BODY_MAX_BYTES)
    except CompressionError as error:
        raise UnreadableBodyError(str(error)) from error


def _from_protobuf(body: bytes) -> ExportTraceServiceRequest:
    if holds_more(body, EVENTS_MAX, MESSAGES_MAX):
        raise UnreadableBodyError(_TOO_MANY)
    try:
        request: ExportTraceServiceRequest = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise UnreadableBodyError("invalid protobuf") from error
    return request


def _from_json(body: bytes) -> ExportTraceServiceRequest:
    if body.count(b"{") + body.count(b"[") > MESSAGES_MAX:
        raise UnreadableBodyError(_TOO_MANY)
    request = ExportTraceServiceRequest()
    try:
        document = json.loads(body.decode())
        if b"\\ud" in body or b"\\uD" in body:
            # A surrogate without its other half is refused, as protobuf's own JSON is to be; its library here
            # fails in ways of its own where it comes as a name.
            json.dumps(document, ensure_ascii=False).encode()
        if _spans(document) > EVENTS_MAX:
            raise UnreadableBodyError(_TOO_MANY)
        _ids_to_base64(document)
        if isinstance(document, dict):
            ParseDict(document, request, ignore_unknown_fields=True)
            return request
    except (ParseError, ValueError, OverflowError, RecursionError) as error:
        # The library's texts quote the body, which may hold what no log should.
        raise UnreadableBodyError(f"invalid JSON ({type(error).__name__})") from error
    raise UnreadableBodyError("invalid JSON (expected an object)")


def _spans(document: Any) -> int:
    """Return how many spans, span events and links a document has."""
    count = 0
    for resource in _objects(document, "resourceSpans", "resource_spans"):
        for scope in _objects(resource, "scopeSpans", "scope_spans"):
            for span in _objects(scope, "spans"):
                count += 1 + len(_objects(span, "events")) + len(_objects(span, "links"))
    return count


def _ids_to_base64(document: Any) -> None:
    """Rewrite ids from OTLP's hexadecimal to protobuf's base64 (opentelemetry.io/docs/specs/otlp, JSON)."""
    for resource in _objects(document, "resourceSpans", "resource_spans"):
        for scope in _objects(resource, "scopeSpans", "scope_spans"):
            for span in _objects(scope, "spans"):
                _rewrite(span, "traceId", "trace_id", "spanId", "span_id", "parentSpanId", "parent_span_id")
                for link in _objects(span, "links"):
                    _rewrite(link, "traceId", "trace_id", "spanId", "span_id")


def _objects(parent: Any, *names: str) -> list[dict[str, Any]]:
    """Return the objects in `parent`'s lists of these names; what isn't one is protobuf's to refuse."""
    if not isinstance(parent, dict):
        return []
    lists = [parent[name] for name in names if isinstance(parent.get(name), list)]
    return [item for items in lists for item in items if isinstance(item, dict)]


def _rewrite(target: dict[str, Any], *names: str) -> None:
    for name in names:
        value = target.get(name)
        if isinstance(value, str) and _HEX.fullmatch(value):
            target[name] = b64encode(bytes.fromhex(value)).decode("ascii")
