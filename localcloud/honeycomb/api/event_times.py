"""The times that events are sent with (reference: honeycombio/refinery route/route.go, getEventTime)."""

import re
from datetime import UTC, datetime

from localcloud.honeycomb.numbers import NANOSECONDS

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_WHOLE = re.compile(r"\d{10,30}", re.ASCII)
_DECIMAL = re.compile(r"(\d{1,11})\.(\d{1,30})", re.ASCII)
_SECONDS_DIGITS = 10
_NANOSECOND_DIGITS = 9
TIME_MAX_NS = 2**63 - 1


def time_of(value: object) -> int | None:
    """Return nanoseconds since 1970; None for what is no time, so that the event gets that of its arrival.

    Taken are RFC 3339 with any number of decimals, and seconds since 1970: with decimals after a point, or as
    whole numbers, where what is beyond ten digits are decimals (milliseconds, microseconds, nanoseconds).
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        value = repr(value)
    if not isinstance(value, str):
        return None
    time_ns = _from_text(value.strip())
    return time_ns if time_ns is not None and 0 < time_ns <= TIME_MAX_NS else None


def _from_text(text: str) -> int | None:
    if match := _RFC3339.fullmatch(text):
        return _from_rfc3339(match)
    if _WHOLE.fullmatch(text):
        return _nanoseconds(int(text[:_SECONDS_DIGITS]), text[_SECONDS_DIGITS:])
    if match := _DECIMAL.fullmatch(text):
        return _nanoseconds(int(match[1]), match[2])
    return None


def _from_rfc3339(match: re.Match[str]) -> int | None:
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    try:
        date = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    offset = 0
    if match[8]:
        offset = (int(match[9]) * 60 + int(match[10])) * 60 * (1 if match[8] == "+" else -1)
    return _nanoseconds(int(date.timestamp()) - offset, match[7] or "")


def _nanoseconds(seconds: int, decimals: str) -> int:
    return seconds * NANOSECONDS + int(decimals[:_NANOSECOND_DIGITS].ljust(_NANOSECOND_DIGITS, "0"))
