"""Honeycomb's limits on one event (reference: Honeycomb API, Events)."""

from localcloud.honeycomb.attributes import Fields

FIELDS_MAX = 2_000
EVENT_MAX_BYTES = 1_000_000
STRING_MAX_BYTES = 65_536
_BYTES_AROUND_A_FIELD = 24
"""For quotes, colon, comma and a number; sizes are estimates, since nothing is written as JSON here."""


def fit(fields: Fields) -> tuple[Fields, int]:
    """Return `fields` with strings cut to 64 KB, and the event's size in bytes."""
    size = 0
    cut: Fields = {}
    for name, value in fields.items():
        size += len(name) + _BYTES_AROUND_A_FIELD
        if isinstance(value, str):
            if len(value) * 4 > STRING_MAX_BYTES and len(encoded := value.encode()) > STRING_MAX_BYTES:
                value = cut[name] = encoded[:STRING_MAX_BYTES].decode(errors="ignore")
            size += len(value)
    return (fields | cut if cut else fields), size


def reason_to_refuse(fields: Fields, size: int) -> str | None:
    """Return why an event is not stored, as a counter's name; None where it is."""
    if len(fields) > FIELDS_MAX:
        return "too_many_fields"
    if size > EVENT_MAX_BYTES:
        return "too_large"
    return None
