"""JSON bodies of the events and management APIs, from the wire to what they say."""

import json
import math
from typing import Any, NoReturn

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.asgi import Request
from localcloud.honeycomb.compression import decompress
from localcloud.honeycomb.errors import CompressionError, TooLargeError, UnknownEncodingError
from localcloud.honeycomb.limits import SURROGATE
from localcloud.honeycomb.numbers import is_integer

MANAGEMENT_MAX_BYTES = 100_000
"""Of a body of the management API (reference: Honeycomb API, PayloadTooLarge)."""

_READ_TYPES = ("", "application/json", "application/vnd.api+json", "application/x-www-form-urlencoded")
"""Honeycomb's own examples send JSON with curl's default type, that of a form."""


class MalformedError(Exception):
    """The text is no JSON as Honeycomb's (Go's) decoder takes it."""


def management_document(request: Request) -> Any:
    """Return the JSON of a management request.

    Raises:
        ApiError: 413 over 100,000 bytes, 415 for another type, 400 for what can't be read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _READ_TYPES:
        raise problems.unsupported_type("expected a Content-Type of application/json")
    if request.body is None or len(request.body) > MANAGEMENT_MAX_BYTES:
        raise problems.too_large(MANAGEMENT_MAX_BYTES)
    try:
        return parse(decompress(request.body, encoding_of(request), MANAGEMENT_MAX_BYTES))
    except TooLargeError as error:
        raise problems.too_large(MANAGEMENT_MAX_BYTES) from error
    except UnknownEncodingError as error:
        raise problems.unsupported_type("expected a Content-Encoding of gzip or zstd, or none") from error
    except CompressionError as error:
        raise problems.unparseable(f"invalid {encoding_of(request)} data") from error
    except MalformedError as error:
        raise problems.unparseable() from error


def encoding_of(request: Request) -> str:
    """Return the Content-Encoding, empty for a plain body."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    return "" if encoding == "identity" else encoding


def parse(body: bytes) -> Any:
    """Return the JSON in `body` as Go reads it: bytes and surrogates that are no text become U+FFFD.

    Whole numbers that don't fit 64 bits become floats.

    Raises:
        MalformedError: it is no JSON, nested too deep, or has a number that no float holds.
    """
    text = body.decode("utf-8", errors="replace")
    try:
        document = json.loads(text, parse_constant=_refuse, parse_int=_whole, parse_float=_finite)
        # Only an escape can have put a surrogate there: the text itself was decoded without any.
        return _without_surrogates(document) if "\\ud" in text or "\\uD" in text else document
    except (ValueError, OverflowError, RecursionError) as error:
        raise MalformedError(type(error).__name__) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _whole(text: str) -> int | float:
    number = int(text)
    return number if is_integer(number) else _finite(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(item) for name, item in value.items()}
    return value
