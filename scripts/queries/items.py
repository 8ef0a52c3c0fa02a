"""The items of a query's lists: what each may be, which stand twice, which name what isn't there.

Every check takes any JSON. Source: as ``specification``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

ITEMS_MAX = 100
EXPRESSION_MAX_CHARACTERS = 4095
HEATMAP = "HEATMAP"
WITHOUT_COLUMN = ("COUNT", "CONCURRENCY")
_PERCENTILES = ("001", "01", "05", "10", "20", "25", "50", "75", "80", "90", "95", "99", "999")
_WITH_COLUMN = (
    *("SUM", "AVG", "MAX", "MIN", "COUNT_DISTINCT", HEATMAP, "RATE_AVG", "RATE_SUM", "RATE_MAX"),
    *(f"P{digits}" for digits in _PERCENTILES),
)
CALCULATIONS = (*WITHOUT_COLUMN, *_WITH_COLUMN)
_COMPARISONS = ("=", "!=", ">", ">=", "<", "<=")
_EXISTENCE = ("exists", "does-not-exist")
_LISTS = ("in", "not-in")
_TEXTS = (
    *("contains", "starts-with", "ends-with"),
    *("does-not-contain", "does-not-start-with", "does-not-end-with"),
)
_FILTERS = (*_COMPARISONS, *_EXISTENCE, *_LISTS, *_TEXTS)


def calculation(place: str, one: object) -> Iterator[str]:
    """Yield what is wrong with *one*, the calculation at *place*."""
    if not isinstance(one, dict) or not _is_among(one.get("op"), CALCULATIONS):
        yield f"{place} is {one!r:.60}, expected an op of {', '.join(CALCULATIONS)}"
        return
    yield from _unknown(place, one, ("op", "column"))
    yield from _column(place, one, "op")


def filter_(place: str, one: object) -> Iterator[str]:
    """Yield what is wrong with *one*, the filter at *place*."""
    if not isinstance(one, dict) or not _is_text(one.get("column")) or not _is_among(one.get("op"), _FILTERS):
        yield f"{place} is {one!r:.60}, expected a column and an op of {', '.join(_FILTERS)}"
        return
    yield from _unknown(place, one, ("column", "op", "value"))
    op, value = one["op"], one.get("value")
    if op in _EXISTENCE:
        if "value" in one:
            yield f"{place}: {op} takes no value"
    elif value is None:
        yield f"{place}: {op} takes a value"
    elif (op in _LISTS) != isinstance(value, list):
        yield f"{place}: the value of {op} is {value!r:.60}, a list goes with in and not-in"
    elif op in _LISTS and len(value) > ITEMS_MAX:
        yield f"{place}: the value of {op} has {len(value)} items, expected {ITEMS_MAX} at most"
    elif op in _TEXTS and not isinstance(value, str):
        yield f"{place}: the value of {op} is {value!r:.60}, expected text"
    elif not all(map(_is_scalar, value if isinstance(value, list) else [value])):
        yield f"{place}: the value of {op} is {value!r:.60}, expected text, finite numbers, true or false"


def breakdown(place: str, one: object) -> Iterator[str]:
    """Yield what is wrong with *one*, the breakdown at *place*."""
    if not _is_text(one):
        yield f"{place} is {one!r:.60}, expected a column's name"


def order(place: str, one: object) -> Iterator[str]:
    """Yield what is wrong with *one*, the order at *place*, but for what it names: see contradictions."""
    if not isinstance(one, dict):
        yield f"{place} is {one!r:.80}, expected one of the calculations or breakdowns"
        return
    yield from _unknown(place, one, ("op", "column", "order"))
    if one.get("op") == HEATMAP:
        yield f"{place}: {HEATMAP} can't be ordered by"
    if not _is_among(one.get("order", "ascending"), ("ascending", "descending")):
        yield f"{place}.order is {one['order']!r:.60}, expected ascending or descending"


def having(place: str, one: object) -> Iterator[str]:
    """Yield what is wrong with *one*, the having at *place*, but for what it names: see contradictions."""
    known = [op for op in CALCULATIONS if op != HEATMAP]
    if not isinstance(one, dict) or not _is_among(one.get("calculate_op"), known):
        yield f"{place} is {one!r:.60}, expected a calculate_op of {', '.join(known)}"
        return
    yield from _unknown(place, one, ("calculate_op", "column", "op", "value"))
    yield from _column(place, one, "calculate_op")
    if not _is_among(one.get("op"), _COMPARISONS):
        yield f"{place}.op is {one.get('op')!r:.60}, expected {', '.join(_COMPARISONS)}"
    value = one.get("value")
    if isinstance(value, str) or not _is_scalar(value) or isinstance(value, bool):
        yield f"{place}.value is {value!r:.60}, expected a number"


def calculated_field(place: str, one: object) -> Iterator[str]:
    """Yield what is wrong with *one*, the calculated field at *place*; Honeycomb reads its expression."""
    if not isinstance(one, dict) or not _is_text(one.get("name")) or not _is_text(one.get("expression")):
        yield f"{place} is {one!r:.60}, expected a name and an expression"
        return
    yield from _unknown(place, one, ("name", "expression"))
    if len(one["expression"]) > EXPRESSION_MAX_CHARACTERS:
        yield (
            f"{place}.expression has {len(one['expression'])} characters, "
            f"expected {EXPRESSION_MAX_CHARACTERS} at most"
        )


CHECKS: Mapping[str, Callable[[str, object], Iterator[str]]] = {
    "calculations": calculation,
    "filters": filter_,
    "breakdowns": breakdown,
    "havings": having,
    "calculated_fields": calculated_field,
    "orders": order,
}


def doubles(name: str, found: Sequence[object]) -> Iterator[str]:
    """Yield which items of the list *name* stand for the same as one before them."""
    seen: set[object] = set()
    for number, one in enumerate(found):
        same: object = None
        if name == "breakdowns" and isinstance(one, str):
            same = one
        elif name in ("calculations", "orders"):
            same = _named(one, "op")
        elif name == "calculated_fields" and isinstance(one, dict) and isinstance(one.get("name"), str):
            same = one["name"]
        if same is not None and same in seen:
            yield f"query.{name}[{number}] is there twice"
        seen.add(same)


def contradictions(lists: Mapping[str, Sequence[object]]) -> Iterator[str]:
    """Yield the orders and havings that name none of the query's calculations; without any, that is COUNT."""
    given = lists.get("calculations") or [{"op": "COUNT"}]
    counted = {_named(one, "op") for one in given} - {None}
    columns = {(None, one) for one in lists.get("breakdowns", []) if isinstance(one, str)}
    for number, one in enumerate(lists.get("orders", [])):
        if isinstance(one, dict) and one.get("op") != HEATMAP and _named(one, "op") not in counted | columns:
            yield f"query.orders[{number}] is {one!r:.80}, expected one of the calculations or breakdowns"
    for number, one in enumerate(lists.get("havings", [])):
        named = _named(one, "calculate_op")
        if named is not None and named[0] is not None and named not in counted:
            yield f"query.havings[{number}] is {one!r:.80}, expected one of the calculations"


def _named(one: object, member: str) -> tuple[str | None, str | None] | None:
    """Return the operation and the column that *one* names, None where it names neither by text."""
    if not isinstance(one, dict):
        return None
    op, column = one.get(member), one.get("column")
    right = all(part is None or isinstance(part, str) for part in (op, column))
    return (op or None, column or None) if right and (op or column) else None


def _column(place: str, one: Mapping[str, Any], member: str) -> Iterator[str]:
    op, column = one[member], one.get("column")
    if (op in WITHOUT_COLUMN) == (column not in (None, "")):
        yield f"{place}: {op} takes {'no' if op in WITHOUT_COLUMN else 'a'} column"
    elif op not in WITHOUT_COLUMN and not _is_text(column):
        yield f"{place}.column is {column!r:.60}, expected a column's name"


def _unknown(place: str, one: Mapping[str, Any], members: Collection[str]) -> Iterator[str]:
    for name in one:
        if name not in members:
            yield f"{place} has no {name!r:.60}: it may have {', '.join(members)}"


def _is_among(value: object, known: Collection[str]) -> bool:
    return isinstance(value, str) and value in known


def _is_text(value: object) -> bool:
    """Tell whether *value* is text that can be sent: not empty, without lone surrogates."""
    return isinstance(value, str) and value != "" and not any("\ud800" <= one <= "\udfff" for one in value)


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return value == "" or _is_text(value)
    if not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False
