"""How much memory the long texts of a span of the SDK's take: our own spans weigh theirs themselves."""

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.recording.span_bounds import LONG_CHARACTERS

ITEM_BYTES = 64
"""About what an item of a sequence takes beside its text."""


def long_bytes_of(span: ReadableSpan) -> int:
    """Return about how many bytes the texts take that have more than LONG_CHARACTERS, and the sequences."""
    size = _text(span.name) + _text(span.status.description) + _attributes(span.attributes)
    for event in span.events:
        size += _text(event.name) + _attributes(event.attributes)
    for link in span.links:
        size += _attributes(link.attributes)
    return size


def _attributes(attributes: Mapping[str, Any] | None) -> int:
    size = 0
    for key, value in (attributes or {}).items():
        size += _text(key)
        if isinstance(value, str | bytes):
            size += _text(value)
        elif isinstance(value, Iterable):
            size += sum(ITEM_BYTES + (len(item) if isinstance(item, str | bytes) else 0) for item in value)
    return size


def _text(text: str | bytes | None) -> int:
    return len(text) if text is not None and len(text) > LONG_CHARACTERS else 0
