"""A query in Honeycomb's own form, checked for what a typing error makes of it; Honeycomb checks the rest.

Members, operators and bounds: Honeycomb's OpenAPI, ``Query``; docs.honeycomb.io,
investigate/collaborate/share-query/define-query-json; granularity's: its Terraform provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.queries import items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TIME_RANGE_MAX_SECONDS = 7 * 86400
TIME_RANGE_MIN_SECONDS = 60
LIMIT_MAX = 1000
ITEMS_MAX = items.ITEMS_MAX
GRANULARITY_PARTS_MAX = 1000
HEATMAP = items.HEATMAP
_MEMBERS = {
    "breakdowns": list,
    "calculations": list,
    "filters": list,
    "filter_combination": str,
    "granularity": int,
    "orders": list,
    "havings": list,
    "limit": int,
    "time_range": int,
    "calculated_fields": list,
    "usage_mode": bool,
}
_KINDS = {list: "a list", str: "text", int: "a whole number", bool: "true or false"}


def problems(query: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with *query*: place, and what was expected. First types, then what they hold."""
    right: dict[str, Any] = {}
    for name, value in query.items():
        kind = _MEMBERS.get(name)
        if kind is None:
            yield f"query has no {name!r:.60}: it may have {', '.join(_MEMBERS)}"
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            yield f"query.{name} is {value!r:.60}, expected {_KINDS[kind]}"
        elif isinstance(value, list) and len(value) > ITEMS_MAX:
            yield f"query.{name} has {len(value)} items, expected {ITEMS_MAX} at most"
        else:
            right[name] = value
    yield from _bounds(query, right)
    for name, check in items.CHECKS.items():
        found = right.get(name, [])
        for number, one in enumerate(found):
            yield from check(f"query.{name}[{number}]", one)
        yield from items.doubles(name, found)
    yield from items.contradictions(right)


def label(calculation: Mapping[str, Any]) -> str:
    """Return the name that a calculation has in results, as ``COUNT`` or ``P99(duration_ms)``."""
    column = calculation.get("column")
    return f"{calculation['op']}({column})" if column else str(calculation["op"])


def calculations(query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the query's calculations; without any, Honeycomb counts."""
    return list(query.get("calculations") or [{"op": "COUNT"}])


def has_heatmap(query: Mapping[str, Any]) -> bool:
    """Tell whether a heatmap is among the calculations."""
    return any(one["op"] == HEATMAP for one in calculations(query))


def _bounds(query: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[str]:
    bounds = {
        "time_range": (TIME_RANGE_MIN_SECONDS, TIME_RANGE_MAX_SECONDS),
        "limit": (1, LIMIT_MAX),
    }
    for name, (low, high) in bounds.items():
        if query.get(name) is None:
            yield f"query.{name} is missing, expected {low} to {high}"
        elif name in right and not low <= right[name] <= high:
            yield f"query.{name} is {_number(right[name])}, expected {low} to {high}"
    if right.get("filter_combination", "AND") not in ("AND", "OR"):
        yield f"query.filter_combination is {right['filter_combination']!r:.60}, expected AND or OR"
    seconds = right.get("time_range", TIME_RANGE_MAX_SECONDS)
    low, high = max(1, seconds // GRANULARITY_PARTS_MAX), seconds
    if "granularity" in right and not low <= right["granularity"] <= high:
        yield f"query.granularity is {_number(right['granularity'])}, expected {low} to {high}, by time_range"


def _number(value: int) -> str:
    return f"{value!r:.60}"
