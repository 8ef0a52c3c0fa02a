"""Checks a request's JSON against a shape of botocore's service model.

botocore checks what its own clients send; what arrives here may come from anyone, so that types are checked
as they come out of a JSON parser. Members that the model doesn't know are dropped, null counts as absent.
Messages have the form of AWS's own.
"""

import base64
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

PROBLEMS_TOLD_MAX = 10
PROBLEMS_MAX = 100
"""Having found so many the check ends: a request may be wrong in millions of places."""
_INTEGER_BITS = {"integer": 32, "long": 64}
_FLOATS = {"double", "float"}
_YEAR_9999_EPOCH_SECONDS = 253_402_300_799


class ShapeChecker:
    """Walks one request's JSON along its shape and collects what is wrong.

    Types and required members are always checked; lengths, ranges, patterns and enumerations with `limits`.
    What is in a list or map of a forbidden length isn't looked at.
    """

    def __init__(self, *, limits: bool) -> None:
        self._limits = limits
        self._problems: list[str] = []
        self.unreadable = False
        """Whether a blob wasn't base64, for which AWS has another error."""

    @property
    def message(self) -> str | None:
        """What was wrong, in AWS's words; None where nothing was."""
        if not self._problems:
            return None
        noun = "error" if len(self._problems) == 1 else "errors"
        told = "; ".join(self._problems[:PROBLEMS_TOLD_MAX])
        count = f"{PROBLEMS_MAX} or more" if self._full else len(self._problems)
        return f"{count} validation {noun} detected: {told}"

    @property
    def _full(self) -> bool:
        return len(self._problems) >= PROBLEMS_MAX

    def structure(self, shape: Any, value: Mapping[str, Any], place: str = "") -> dict[str, Any]:
        """Return the members that the model knows; timestamps become epoch seconds."""
        cleaned = {}
        for name, member in shape.members.items():
            if self._full:
                break
            where = _under(place, name)
            given = value.get(name)
            if given is not None:
                cleaned[name] = self._check(member, given, where)
            elif name in shape.required_members:
                self._constraint("null", where, "not be null")
        return cleaned

    def _check(self, shape: Any, value: Any, place: str) -> Any:
        match shape.type_name:
            case "structure" if getattr(shape, "is_document_type", False):
                return value
            case "structure" if isinstance(value, Mapping):
                return self.structure(shape, value, place)
            case "list" if isinstance(value, list):
                return self._list(shape, value, place)
            case "map" if isinstance(value, Mapping):
                return self._map(shape, value, place)
            case "string" if isinstance(value, str):
                return self._limited(shape, value, len(value), "length", place)
            case "blob" if isinstance(value, str | bytes):
                return self._blob(value, place)
            case "boolean" if isinstance(value, bool):
                return value
            case "timestamp" if (seconds := _epoch_seconds(value)) is not None:
                return seconds
            case kind if kind in _FLOATS or kind in _INTEGER_BITS:
                number = _number(kind, value)
                if number is not None:
                    return self._limited(shape, number, number, "value", place)
        self._problems.append(f"Value {_quoted(value)} at '{place}' is not of type {shape.type_name}")
        return None

    def _blob(self, value: str | bytes, place: str) -> str | bytes:
        if isinstance(value, str) and not _is_base64(value):
            self.unreadable = True
            self._problems.append(f"Value {_quoted(value)} at '{place}' is not base64")
        return value

    def _list(self, shape: Any, value: list[Any], place: str) -> list[Any]:
        checked: list[Any] = []
        if self._breaks_length(shape, value, place):
            return checked
        for index, item in enumerate(value, start=1):
            if self._full:
                break
            checked.append(self._check(shape.member, item, f"{place}.{index}.member"))
        return checked

    def _map(self, shape: Any, value: Mapping[str, Any], place: str) -> dict[str, Any]:
        checked: dict[str, Any] = {}
        if self._breaks_length(shape, value, place):
            return checked
        for key, item in value.items():
            if self._full:
                break
            name = self._check(shape.key, key, f"{place}.key")
            checked[name] = self._check(shape.value, item, f"{place}.{key[:64]}.member")
        return checked

    def _breaks_length(self, shape: Any, value: Any, place: str) -> bool:
        before = len(self._problems)
        self._limited(shape, value, len(value), "length", place)
        return len(self._problems) > before

    def _limited(self, shape: Any, value: Any, size: float, kind: str, place: str) -> Any:
        if self._limits:
            for limit in _broken(shape.metadata, value, size, kind):
                self._constraint(_quoted(value), place, limit)
        return value

    def _constraint(self, value: str, place: str, limit: str) -> None:
        self._problems.append(f"Value {value} at '{place}' failed to satisfy constraint: Member must {limit}")


def _broken(metadata: Mapping[str, Any], value: Any, size: float, kind: str) -> Iterator[str]:
    low, high = metadata.get("min"), metadata.get("max")
    if low is not None and size < low:
        yield f"have {kind} greater than or equal to {low}"
    if high is not None and size > high:
        yield f"have {kind} less than or equal to {high}"
    if not isinstance(value, str):
        return
    if "enum" in metadata and value not in metadata["enum"]:
        yield f"satisfy enum value set: [{', '.join(metadata['enum'])}]"
    if "pattern" in metadata and re.fullmatch(metadata["pattern"], value) is None:
        yield f"satisfy regular expression pattern: {metadata['pattern']}"
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        yield "be valid Unicode text"


def _number(type_name: str, value: object) -> int | float | None:
    """Return the number that `value` is for the model's type, or None for none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if type_name in _FLOATS:
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    limit = 1 << (_INTEGER_BITS[type_name] - 1)
    return value if -limit <= value < limit else None


def _epoch_seconds(value: object) -> float | None:
    """Read epoch seconds, or the ISO 8601 text that AWS's own JSON parsers take as well."""
    if isinstance(value, str | datetime):
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        value = moment.timestamp()
    seconds = _number("double", value)
    return seconds if seconds is not None and 0 <= seconds <= _YEAR_9999_EPOCH_SECONDS else None


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _under(place: str, name: str) -> str:
    """Return the place of a member, written as AWS writes it: with a small first letter."""
    start = name[0].lower() + name[1:]
    return f"{place}.{start}" if place else start


def _quoted(value: object) -> str:
    text = str(value) if isinstance(value, str | int | float) else type(value).__name__
    text = text.encode("ascii", "backslashreplace").decode("ascii")
    return f"'{text}'" if len(text) <= 100 else f"'{text[:97]}...'"
