"""Attributes cut to what Honeycomb keeps of one event: it drops a larger one without telling its sender.

Source: Honeycomb API, Events: an event has less than 1 MB of uncompressed JSON, a text at most 64 KB.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.tracing.sending.protobuf import key_value, utf8

EVENT_MAX_BYTES = 900_000
"""Of a span's or a span event's attributes; the rest of the megabyte is for the resource and for JSON."""
SHORTENED_KEY = "otel.span.shortened_from_bytes"
_TEXT_LIMITS_BYTES = (65_536, 8192, 2048, 512, 128, 32)


def size_bytes(attributes: Mapping[str, Any]) -> int:
    """Return how long the attributes are in OTLP."""
    return sum(len(key_value(key, value)) for key, value in attributes.items())


def fit(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the attributes within `EVENT_MAX_BYTES`: the same where they are, else cut and marked.

    The longest texts and lists lose their ends first; the mark says how long all of them were.
    """
    size = size_bytes(attributes)
    if size <= EVENT_MAX_BYTES:
        return attributes
    cut: dict[str, Any] = {}
    for limit in _TEXT_LIMITS_BYTES:
        cut = {_text(key, limit): _cut(value, limit) for key, value in attributes.items()}
        if size_bytes(cut) <= EVENT_MAX_BYTES:
            break
    return {**cut, SHORTENED_KEY: size}


def _cut(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return _text(value, limit)
    if isinstance(value, bytes):
        return value[:limit]
    if isinstance(value, Mapping):
        return dict(_within(value.items(), limit))
    if isinstance(value, list | tuple):
        return [item for _, item in _within((("", item) for item in value), limit)]
    return value


def _within(items: Iterable[tuple[str, Any]], limit: int) -> Iterator[tuple[str, Any]]:
    """Yield the first items, cut, as far as there is room for them."""
    room = limit
    for key, item in items:
        shorter = _cut(item, room)
        room -= len(key_value(key, shorter))
        if room < 0:
            return
        yield key, shorter


def _text(text: str, limit: int) -> str:
    return text if len(text) * 4 <= limit else utf8(text)[:limit].decode(errors="ignore")
