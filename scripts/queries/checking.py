"""Whether X-Ray would understand a filter expression, and what to say where it would not."""

from __future__ import annotations

from scripts.plain import plain

SHOWN_MAX_CHARACTERS = 120


def problem(text: str) -> str | None:
    """Return what is wrong with *text*, a filter expression, and where; None where nothing is."""
    # Here, for its grammar takes a while to load and a list of Honeycomb's queries doesn't need it.
    from xray.filters import FilterError, parse

    try:
        parse(text)
    except FilterError as error:
        place = _offset(text, error.line, error.position)
        return f"{around(text, place)!r} is no filter expression: {error}"
    return None


def around(text: str, place: int = 0) -> str:
    """Return *text* fit for a line, at most 120 characters of it, those about *place*, an offset."""
    begin = max(0, min(place - SHOWN_MAX_CHARACTERS // 2, len(text) - SHOWN_MAX_CHARACTERS))
    end = begin + SHOWN_MAX_CHARACTERS
    before, behind = "..." if begin else "", "..." if end < len(text) else ""
    return f"{before}{plain(text[begin:end])}{behind}"


def _offset(text: str, line: int | None, position: int | None) -> int:
    """Return the offset of *position* in *line* of *text*; both begin at 1."""
    if line is None or position is None:
        return 0
    return sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + position - 1
