"""Protobuf's wire format, as far as OTLP needs it: written by hand, since building messages costs more than
all the rest of a span.

Source: protobuf.dev, Encoding; opentelemetry-proto, common/v1/common.proto (KeyValue, AnyValue).
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

_CACHED_CHARACTERS_MAX = 64
_CACHED_VALUES_MAX = 4096
_NESTING_MAX = 8
_INT64_MIN, _INT64_MAX, _UINT64 = -(2**63), 2**63 - 1, 2**64

_ONE_BYTE = tuple(bytes((number,)) for number in range(128))
_TRUE, _FALSE = b"\x10\x01", b"\x10\x00"
_double = struct.Struct("<d").pack

_keys: dict[str, bytes] = {}
_texts: dict[tuple[str, str], bytes] = {}
_numbers: dict[tuple[str, int], bytes] = {}


def varint(number: int) -> bytes:
    """Return a number from 0 up as a varint."""
    if number < 128:
        return _ONE_BYTE[number]
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def with_length(data: bytes) -> bytes:
    """Return a message, a text or bytes as a field has them behind its tag: length first."""
    return varint(len(data)) + data


def utf8(text: str) -> bytes:
    """Return a text's bytes; what UTF-8 has no form for (lone surrogates) becomes a question mark."""
    return (text if isinstance(text, str) else _text_of(text)).encode("utf-8", "replace")


def key_value(key: str, value: Any) -> bytes:
    """Return a KeyValue, with its length. Short texts and integers are remembered: most say the same."""
    kind = value.__class__
    if kind is not str:
        if kind is not int:
            return _key_value(key, any_value(value))
        field = _numbers.get((key, value))
        if field is None:
            if len(_numbers) >= _CACHED_VALUES_MAX:
                _numbers.clear()
            field = _numbers[key, value] = _key_value(key, any_value(value))
        return field
    if len(value) > _CACHED_CHARACTERS_MAX:
        return _key_value(key, b"\x0a" + with_length(utf8(value)))
    field = _texts.get((key, value))
    if field is None:
        if len(_texts) >= _CACHED_VALUES_MAX:
            _texts.clear()
        field = _texts[key, value] = _key_value(key, b"\x0a" + with_length(utf8(value)))
    return field


def _key_value(key: str, value: bytes) -> bytes:
    head = _keys.get(key)
    if head is None:
        if len(_keys) >= _CACHED_VALUES_MAX:
            _keys.clear()
        head = _keys[key] = b"\x0a" + with_length(utf8(key)) + b"\x12"
    size = len(value)
    field = head + (_ONE_BYTE[size] if size < 128 else varint(size)) + value
    return varint(len(field)) + field


def any_value(value: Any, depth: int = 0) -> bytes:
    """Return an AnyValue, without length. What has no form of its own becomes its text, never an error."""
    if isinstance(value, str):
        return b"\x0a" + with_length(utf8(value))
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, int) and _INT64_MIN <= value <= _INT64_MAX:
        return b"\x18" + varint(value if value >= 0 else value + _UINT64)
    if isinstance(value, float):
        return b"\x21" + _double(value)
    if value is None:
        return b""
    if isinstance(value, bytes | bytearray | memoryview):
        return b"\x3a" + with_length(bytes(value))
    if depth < _NESTING_MAX:
        if isinstance(value, Mapping):
            pairs = (
                b"\x0a" + with_length(b"\x0a" + with_length(utf8(str(key))) + b"\x12" + with_length(item))
                for key, item in ((key, any_value(item, depth + 1)) for key, item in value.items())
            )
            return b"\x32" + with_length(b"".join(pairs))
        if isinstance(value, Sequence | set | frozenset):
            items = (b"\x0a" + with_length(any_value(item, depth + 1)) for item in value)
            return b"\x2a" + with_length(b"".join(items))
    return b"\x0a" + with_length(utf8(_text_of(value)))


def _text_of(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (an int of more than 4300 digits, a list within itself, any __str__)
        return f"<unprintable {type(value).__name__}>"
