"""Documents as bytes that fit into a datagram, shortened and marked where they are too large."""

import json
from typing import Any

import orjson

from xray.names import UDP_DOCUMENT_MAX_BYTES

SHORTENED_KEY = "otel.document.shortened_from_bytes"
_STRING_LIMITS_CHARACTERS = (8192, 2048, 512, 128)
_ESSENTIAL = frozenset(
    {
        *(
            "trace_id",
            "id",
            "parent_id",
            "name",
            "type",
            "namespace",
            "start_time",
            "end_time",
            "in_progress",
        ),
        *("error", "fault", "throttle", "origin"),
    }
)
_LEAST_NEEDED_FIRST = ("metadata", "links", "annotations", "sql", "cause", "http", "aws", "service", "user")


def encode_document(
    document: dict[str, Any], limit_bytes: int = UDP_DOCUMENT_MAX_BYTES
) -> tuple[bytes, bool]:
    """Return the document as JSON of at most `limit_bytes`, and whether it had to be shortened.

    What is too large loses the ends of its longest strings first, then its least needed blocks, and says in
    its metadata how large it was.
    """
    data = _encode(document)
    if len(data) <= limit_bytes:
        return data, False
    mark = {"metadata": {"default": {SHORTENED_KEY: len(data)}}}
    for limit in _STRING_LIMITS_CHARACTERS:
        document = {key: _cut(value, limit) for key, value in document.items()}
        data = _encode(_merge(document, mark))
        if len(data) <= limit_bytes:
            return data, True
    for block in _LEAST_NEEDED_FIRST:
        document.pop(block, None)
        data = _encode(_merge(document, mark))
        if len(data) <= limit_bytes:
            return data, True
    return _encode({key: value for key, value in document.items() if key in _ESSENTIAL} | mark), True


def _encode(document: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:  # lone surrogates, integers beyond 64 bits
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8", "replace")


def _merge(document: dict[str, Any], mark: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata", {})
    default = {**metadata.get("default", {}), **mark["metadata"]["default"]}
    return {**document, "metadata": {**metadata, "default": default}}


def _cut(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit]
    if isinstance(value, dict):
        return {key[:limit]: _cut(item, limit) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, limit) for item in value]
    return value
