"""What one sink says of one span, in a form in which both can be compared."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TIME_TOLERANCE_NANOSECONDS = 1_000
"""X-Ray's times are floating point seconds, which resolve a quarter of a microsecond."""

HONEYCOMB_STRING_MAX_BYTES = 65_536
"""Honeycomb cuts longer strings (reference: Honeycomb API, Events), never within a character."""

_LONGEST_CHARACTER_BYTES = 4
_NOT_A_NUMBER = {"nan": "nan", "inf": "inf", "-inf": "-inf", "infinity": "inf", "-infinity": "-inf"}


@dataclass(frozen=True)
class Facts:
    """One span. Ids are lowercase hexadecimal digits, times nanoseconds since 1970.

    `said` holds the single facts by name (`fault`, `http.response.status`, `exceptions`); what a sink does
    not say is not in it. `attributes` are those of the span that are in no block of X-Ray's, `resource` the
    resource's. `is_shortened` marks a document that had to lose something to fit into a datagram. `alone` is
    what the other sink has no word for: it can only be held against what was expected.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    start: int
    end: int | None
    said: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)
    is_shortened: bool = False
    alone: Mapping[str, Any] = field(default_factory=dict)


class Unordered(list[Any]):
    """Values whose order says nothing; the same one may be there twice."""


def is_same_time(one: int | None, other: int | None) -> bool:
    """Tell whether two times are the same within a microsecond; a missing one equals only a missing one."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TIME_TOLERANCE_NANOSECONDS


def is_same_value(xray: Any, honeycomb: Any, *, may_be_cut: bool = False) -> bool:
    """Tell whether X-Ray's value is Honeycomb's.

    Numbers are equal as numbers, true and false are none. Honeycomb writes lists as JSON text, and cuts
    strings at 64 KB; `may_be_cut` allows X-Ray's string to have lost its end.
    """
    if isinstance(xray, Unordered) and isinstance(honeycomb, Unordered):
        return _is_same_in_some_order(xray, honeycomb, may_be_cut=may_be_cut)
    if isinstance(xray, list | dict) and isinstance(honeycomb, str):
        return _is_same_list(xray, honeycomb)
    if isinstance(xray, list | tuple) and isinstance(honeycomb, list | tuple):
        return len(xray) == len(honeycomb) and all(
            is_same_value(one, other, may_be_cut=may_be_cut)
            for one, other in zip(xray, honeycomb, strict=True)
        )
    if isinstance(xray, dict) and isinstance(honeycomb, dict):
        return xray.keys() == honeycomb.keys() and all(
            is_same_value(xray[key], honeycomb[key], may_be_cut=may_be_cut) for key in xray
        )
    xray, honeycomb = _number_or_text(xray), _number_or_text(honeycomb)
    if isinstance(xray, str) and isinstance(honeycomb, str) and xray != honeycomb:
        return _is_cut(honeycomb, xray) or (may_be_cut and honeycomb.startswith(xray))
    return isinstance(xray, bool) is isinstance(honeycomb, bool) and bool(xray == honeycomb)


def _is_same_in_some_order(xray: Unordered, honeycomb: Unordered, *, may_be_cut: bool) -> bool:
    left = list(honeycomb)
    for one in xray:
        found = next((at for at, other in enumerate(left) if is_same_value(one, other)), None)
        if found is None and may_be_cut:
            same = (at for at, other in enumerate(left) if is_same_value(one, other, may_be_cut=True))
            found = next(same, None)
        if found is None:
            return False
        del left[found]
    return not left


def _is_same_list(xray: Any, honeycomb: str) -> bool:
    try:
        told = json.loads(honeycomb)
    except ValueError:
        # cut at 64 KB, it is no JSON any more
        text = json.dumps(xray, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return _is_cut(honeycomb, f"{text}\n")
    return type(told) is type(xray) and is_same_value(xray, told)


def _is_cut(text: str, whole: str) -> bool:
    size = len(text.encode(errors="replace"))
    return size > HONEYCOMB_STRING_MAX_BYTES - _LONGEST_CHARACTER_BYTES and whole.startswith(text)


def _number_or_text(value: Any) -> Any:
    """Return what JSON has no number for, and each sink writes in its own words, in the same words."""
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)
    if isinstance(value, str):
        return _NOT_A_NUMBER.get(value.lower(), value)
    return value
