"""The trace that a command goes on with: its caller's TRACEPARENT. Source: W3C Trace Context, version 00."""

from __future__ import annotations

import re
from dataclasses import dataclass

VARIABLE = "TRACEPARENT"
_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True)
class Parent:
    """The caller's span."""

    trace_id: int
    span_id: int
    is_sampled: bool


def read(text: str) -> Parent | None:
    """Return what *text* says, None where it is empty. Raises ValueError where it is no traceparent."""
    if not text:
        return None
    found = _FORM.fullmatch(text)
    if found is not None and found[1] != "ff" and not (found[1] == "00" and found[5]):
        trace_id, span_id = int(found[2], 16), int(found[3], 16)
        if trace_id and span_id:
            return Parent(trace_id, span_id, bool(int(found[4], 16) & 1))
    raise ValueError(
        f"{VARIABLE} is {text[:60]!r}, expected 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, no id zero"
    )


def write(trace_id: int, span_id: int) -> str:
    """Return the traceparent of a sampled span."""
    return f"00-{trace_id:032x}-{span_id:016x}-01"
