"""Values of attributes: checked, and weighed where they are long."""

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.attributes import BoundedAttributes

from services.tracing.recording.span_bounds import LONG_CHARACTERS

ITEM_BYTES = 64
"""About what an item of a sequence takes beside its text."""


def checked_attributes(attributes: Any, most: int | None, text: int | None) -> BoundedAttributes:
    """Leave what is no plain text, number or boolean to OpenTelemetry: it checks, and says what is wrong.

    It calls `str` on what it doesn't know: whatever that raises must not reach the application.
    """
    told = attributes if isinstance(attributes, Mapping) else {}
    try:
        return BoundedAttributes(most, told, immutable=False, max_value_len=text)
    except Exception:  # noqa: BLE001 (see above)
        plain = {key: value for key, value in told.items() if isinstance(value, str | bool | int | float)}
        found = BoundedAttributes(most, plain, immutable=False, max_value_len=text)
        found.dropped += len(told) - len(plain)
        return found


def long_bytes_within(attributes: Mapping[str, Any]) -> int:
    """Return about how many bytes the long keys and values take."""
    return sum(long_bytes_of(key) + long_bytes_of(value) for key, value in attributes.items())


def long_bytes_of(value: Any) -> int:
    """Return about how many bytes a text, bytes or a collection take, 0 for what is short."""
    if isinstance(value, str | bytes):
        return len(value) if len(value) > LONG_CHARACTERS else 0
    if isinstance(value, Iterable):
        return sum(ITEM_BYTES + (len(item) if isinstance(item, str | bytes) else 0) for item in value)
    return 0
