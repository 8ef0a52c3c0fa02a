"""Honeycomb's limits on one event (reference: Honeycomb API, Events)."""

import math
import re

from localcloud.honeycomb.attributes import Fields
from localcloud.honeycomb.numbers import is_integer

FIELDS_MAX = 2_000
EVENT_MAX_BYTES = 1_000_000
STRING_MAX_BYTES = 65_536
FIELD_NAME_MAX_BYTES = 1_024
"""Ours, to bound memory."""
SURROGATE = re.compile("[\ud800-\udfff]")
_BYTES_AROUND_A_FIELD = 24
"""For quotes, colon, comma and a number; sizes are estimates, since nothing is written as JSON here."""


def fit(fields: Fields) -> tuple[Fields, int]:
    """Return `fields` as Honeycomb can hold them, and the event's size in bytes.

    Texts are cut to 64 KB and names to 1,024 bytes, what is no Unicode in them becomes U+FFFD, and integers
    that don't fit 64 bits become floats.
    """
    size = 0
    changed: Fields = {}
    for name, value in fields.items():
        size += len(name) + _BYTES_AROUND_A_FIELD
        if isinstance(value, str):
            if len(value) * 4 > STRING_MAX_BYTES or not value.isascii():
                value, length = _text(value, STRING_MAX_BYTES)
                size += length
                if value is not fields[name]:
                    changed[name] = value
            else:
                size += len(value)
        elif isinstance(value, int) and not is_integer(value):
            changed[name] = _float(value)
    if changed:
        fields = fields | changed
    if not all(map(_is_short_name, fields)):
        fields = {_text(name, FIELD_NAME_MAX_BYTES)[0]: value for name, value in fields.items()}
    return fields, size


def _is_short_name(name: str) -> bool:
    """Whether a field's name can stay for certain."""
    return name.isascii() and len(name) <= FIELD_NAME_MAX_BYTES


def _text(value: str, most: int) -> tuple[str, int]:
    """Return `value` itself, or what is left of it as UTF-8 of at most `most` bytes; and its length then."""
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        value = SURROGATE.sub("\ufffd", value)
        encoded = value.encode()
    if len(encoded) > most:
        value = encoded[:most].decode(errors="ignore")
    return value, min(len(encoded), most)


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def reason_to_refuse(fields: Fields, size: int) -> str | None:
    """Return why an event is not stored, as a counter's name; None where it is."""
    if len(fields) > FIELDS_MAX:
        return "too_many_fields"
    if size > EVENT_MAX_BYTES:
        return "too_large"
    return None
