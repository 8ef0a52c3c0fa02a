"""Values as JSON and X-Ray take them."""

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any

from services.tracing.randomness import RANDOM
from xray.names import STRING_MAX_CHARACTERS

NESTING_MAX = 8
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
"""X-Ray refuses a document with a number beyond these."""


def text(value: object) -> str:
    """Return a value as text; bytes as UTF-8 where they are, else as base64."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (a value that can't be told must not cost its span)
        return f"<unprintable {type(value).__name__}>"


def short_text(value: object) -> str:
    """Return a value as text, cut to the 250 characters that X-Ray allows in most fields."""
    return text(value)[:STRING_MAX_CHARACTERS]


def json_value(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON can hold it; NaN, infinities and what JSON has no form for become text."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if _INT64_MIN <= value <= _INT64_MAX else text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= NESTING_MAX:
        return text(value)[:STRING_MAX_CHARACTERS]
    if isinstance(value, Mapping):
        return {text(key): json_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [json_value(item, depth + 1) for item in value]
    return text(value)


def whole_number(value: object) -> int | None:
    """Return a value as an integer from 0 up to 64 bits where it is one, also written as text."""
    if isinstance(value, bool):
        return None
    try:
        number: int = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number <= _INT64_MAX else None


def without_empty(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block without its empty strings and None: X-Ray has no use for them."""
    return {key: value for key, value in block.items() if value is not None and value != ""}


def new_id() -> str:
    """Return a random 64 bit id as X-Ray writes it: 16 hexadecimal digits."""
    return f"{RANDOM.getrandbits(64):016x}"
