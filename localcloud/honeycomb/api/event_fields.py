"""An event's JSON as the fields that are kept (reference: Honeycomb API, Events and Datasets)."""

import json
from typing import Any

from localcloud.honeycomb.attributes import Fields

EMPTY = "Request body should not be empty."
MALFORMED = "Request body is malformed and cannot be read."


class EventError(Exception):
    """The event is none; the message is Honeycomb's."""


def fields_of(data: object, expand_depth: int) -> Fields:
    """Return the fields of an event.

    Objects are unpacked `expand_depth` levels deep, their members' names joined with dots; deeper ones, and
    lists, become JSON text. Null is no field, and a field has a name.

    Raises:
        EventError: `data` is no object, or has no fields.
    """
    if not isinstance(data, dict):
        raise EventError(EMPTY if data is None else MALFORMED)
    fields: Fields = {}
    try:
        for name, value in data.items():
            if not name:
                continue
            _add(fields, name, value, expand_depth)
    except RecursionError as error:
        raise EventError(MALFORMED) from error
    if not fields:
        raise EventError(EMPTY)
    return fields


def _add(fields: Fields, name: str, value: Any, depth: int) -> None:
    if value is None:
        return
    if isinstance(value, dict) and depth > 0:
        for member, item in value.items():
            _add(fields, f"{name}.{member}", item, depth - 1)
    elif isinstance(value, dict | list):
        fields[name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    else:
        fields[name] = value
