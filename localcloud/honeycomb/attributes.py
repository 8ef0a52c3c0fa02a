"""OTLP attributes as Honeycomb fields (reference: honeycombio/husky, otlp/common.go)."""

import json
import math
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Field = str | bool | int | float
Fields = dict[str, Field]

MAP_DEPTH_MAX = 5
JSON_FIELD_MAX_BYTES = 65_535


def add_attributes(fields: Fields, attributes: Iterable[KeyValue]) -> None:
    """Put `attributes` into `fields`, over what is there.

    Maps become one field an entry, named with dots, five levels deep; deeper maps, arrays and bytes become
    JSON text with a newline at its end, cut at 65,535 bytes. Attributes without key or value are left out.
    """
    for attribute in attributes:
        if attribute.key:
            _add(fields, attribute.key, attribute.value, 0)


def _add(fields: Fields, key: str, value: AnyValue, depth: int) -> None:
    kind = value.WhichOneof("value")
    if kind in ("string_value", "bool_value", "int_value", "double_value"):
        fields[key] = getattr(value, kind)
    elif kind == "kvlist_value" and depth < MAP_DEPTH_MAX:
        for entry in value.kvlist_value.values:
            _add(fields, f"{key}.{entry.key}", entry.value, depth + 1)
    elif kind in ("kvlist_value", "array_value", "bytes_value"):
        text = _json_text(value)
        if text is not None:
            fields[key] = text


def _json_text(value: AnyValue) -> str | None:
    """Return `value` as Go's encoder writes it; None where JSON has no such number."""
    try:
        text = json.dumps(
            _plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
    except ValueError:
        return None
    return (text + "\n").encode()[:JSON_FIELD_MAX_BYTES].decode(errors="ignore")


def _plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {entry.key: _plain(entry.value) for entry in value.kvlist_value.values}
    if kind == "bytes_value":
        return b64encode(value.bytes_value).decode("ascii")
    plain = getattr(value, kind)
    if kind == "double_value" and math.isfinite(plain) and plain.is_integer() and abs(plain) < 1e21:
        return int(plain)  # Go writes 2.0 as 2
    return plain
