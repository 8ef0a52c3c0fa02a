"""A request's body, from the wire to a protobuf message."""

import json
import re
import zlib
from base64 import b64encode
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from localcloud.honeycomb.asgi import BODY_MAX_BYTES
from localcloud.honeycomb.errors import UnreadableBodyError, UnsupportedMediaTypeError

PROTOBUF_TYPES = ("application/protobuf", "application/x-protobuf")
JSON_TYPE = "application/json"
CONTENT_TYPES = (*PROTOBUF_TYPES, JSON_TYPE)
UNSUPPORTED_TYPE = f"unsupported content-type, valid types are: {', '.join(CONTENT_TYPES)}"

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")
_GZIP = 16 + zlib.MAX_WBITS
_TOO_LARGE = f"more than {BODY_MAX_BYTES} bytes"


def decode_request(body: bytes | None, content_type: str, encoding: str) -> ExportTraceServiceRequest:
    """Return the trace request in `body`; None stands for a body that was too long to be kept.

    Raises:
        UnsupportedMediaTypeError: the content type is none of Honeycomb's, compared exactly, or the
            encoding is zstd, for which no library is there.
        UnreadableBodyError: the body is no such request, or longer than 20 MiB, packed or unpacked.
    """
    if content_type not in CONTENT_TYPES:
        raise UnsupportedMediaTypeError(UNSUPPORTED_TYPE)
    if body is None:
        raise UnreadableBodyError(_TOO_LARGE)
    plain = _decompress(body, encoding)
    return _from_json(plain) if content_type == JSON_TYPE else _from_protobuf(plain)


def _decompress(body: bytes, encoding: str) -> bytes:
    if encoding == "":
        return body
    if encoding == "zstd":
        raise UnsupportedMediaTypeError("unsupported content-encoding zstd, valid encodings are: gzip")
    if encoding != "gzip":
        raise UnreadableBodyError(f"unsupported content encoding {encoding!r}")
    plain = bytearray()
    # A gzip file may have several members, one after another (RFC 1952).
    while body:
        member = zlib.decompressobj(_GZIP)
        try:
            plain += member.decompress(body, BODY_MAX_BYTES + 1 - len(plain))
        except zlib.error as error:
            raise UnreadableBodyError(f"gzip: {error}") from error
        if len(plain) > BODY_MAX_BYTES:
            raise UnreadableBodyError(_TOO_LARGE)
        if not member.eof:
            raise UnreadableBodyError("gzip: unexpected end of the body")
        body = member.unused_data
    return bytes(plain)


def _from_protobuf(body: bytes) -> ExportTraceServiceRequest:
    try:
        request: ExportTraceServiceRequest = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise UnreadableBodyError("invalid protobuf") from error
    return request


def _from_json(body: bytes) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    try:
        document = json.loads(body)
        _ids_to_base64(document)
        if isinstance(document, dict):
            ParseDict(document, request, ignore_unknown_fields=True)
            return request
    except (ParseError, ValueError, OverflowError, RecursionError) as error:
        # The library's texts quote the body, which may hold what no log should.
        raise UnreadableBodyError(f"invalid JSON ({type(error).__name__})") from error
    raise UnreadableBodyError("invalid JSON (expected an object)")


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
