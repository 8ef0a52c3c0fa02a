"""A query's answer worked out event by event, in plain Python: what the engine's SQL is compared with."""

import functools
import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeGuard

from localcloud.honeycomb.events import Event
from localcloud.honeycomb.query.model import Calculation, Filter, Query

SHARES = {"P001": 1, "P999": 999} | {
    f"P{share:02}": share * 10 for share in (1, 5, 10, 20, 25, 50, 75, 80, 90, 95, 99)
}
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
Row = dict[str, Any]


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is one that can be calculated with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def text_of(value: Any) -> str:
    """A value as JSON writes it, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if is_number(value) and value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return json.dumps(value)


def number_said(text: str) -> float | int | None:
    """The number that a text says."""
    if not NUMBER.fullmatch(text):
        return None
    return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else float(text)


def equals(stored: Any, wanted: Any) -> bool:
    """Whether a stored value is what a filter wants."""
    if isinstance(stored, str):
        return stored == text_of(wanted)
    if isinstance(stored, bool):
        return wanted is stored or wanted == json.dumps(stored)
    if isinstance(wanted, bool):
        return False
    said = number_said(wanted) if isinstance(wanted, str) else wanted
    return said is not None and stored == said


ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
}


def compares(op: str, stored: Any, wanted: Any) -> bool:
    """Whether a stored value lies where a filter wants it."""
    if isinstance(stored, str) and isinstance(wanted, str):
        return ORDERS[op](stored.encode("utf-32-be"), wanted.encode("utf-32-be"))
    said = number_said(wanted) if isinstance(wanted, str) else wanted
    return is_number(stored) and is_number(said) and ORDERS[op](stored, said)


TEXTS = {"starts-with": str.startswith, "ends-with": str.endswith, "contains": str.__contains__}


def passes(one: Filter, fields: Row) -> bool:
    """Whether an event passes a filter."""
    there = one.column in fields
    stored = fields.get(one.column)
    wanted: Any = one.value
    match one.op:
        case "exists":
            return there
        case "does-not-exist":
            return not there
        case "=":
            return there and equals(stored, wanted)
        case "!=":
            return not (there and equals(stored, wanted))
        case "in":
            return there and any(equals(stored, value) for value in wanted)
        case "not-in":
            return not (there and any(equals(stored, value) for value in wanted))
        case ">" | ">=" | "<" | "<=":
            return there and compares(one.op, stored, wanted)
    expected = not one.op.startswith("does-not-")
    plain = one.op.removeprefix("does-not-")
    plain = {"start-with": "starts-with", "end-with": "ends-with", "contain": "contains"}.get(plain, plain)
    return (isinstance(stored, str) and TEXTS[plain](stored, wanted)) == expected


def key_of(value: Any) -> Any:
    """A breakdown's value as it is shown and told apart."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return json.dumps(value)
        if value == int(value) and abs(value) < 2**63:
            return int(value)
    return value


def group_of(query: Query, fields: Row) -> tuple[tuple[str, str, Any], ...]:
    """The group of an event: name, type and value of each breakdown that it has."""
    keys = ((name, key_of(fields[name])) for name in dict.fromkeys(query.breakdowns) if name in fields)
    return tuple((name, "number" if is_number(key) else type(key).__name__, key) for name, key in keys)


def weighted(events: Sequence[Event], column: str | None) -> list[tuple[float, int]]:
    """The numbers of a column, each with how many events it stands for."""
    return [
        (float(value), event.sample_rate)
        for event in events
        if is_number(value := event.fields.get(column or ""))
    ]


def percentile(numbers: Iterable[tuple[float, int]], share: int) -> float:
    """The least number that so many thousandths of all are at or below."""
    ranked = sorted(numbers)
    total = sum(rate for _, rate in ranked)
    below = 0
    for number, rate in ranked:
        below += rate
        if below * 1000 >= total * share:
            return number
    raise AssertionError("the greatest is above all")


def simple(op: str, numbers: Sequence[tuple[float, int]]) -> float | None:
    """A calculation over numbers, nothing for none."""
    if not numbers:
        return None
    if op in SHARES:
        return percentile(numbers, SHARES[op])
    total = sum(number * rate for number, rate in numbers)
    values = [number for number, _ in numbers]
    results = {
        "SUM": total,
        "AVG": total / sum(rate for _, rate in numbers),
        "MAX": max(values),
        "MIN": min(values),
    }
    return results[op]


def changes(op: str, events: Sequence[Event], column: str, step: int) -> dict[int, float]:
    """How a calculation changed from part to part of the time."""
    parts: dict[int, list[Event]] = {}
    for event in events:
        if is_number(event.fields.get(column)):
            parts.setdefault(event.time // 10**9 // step, []).append(event)
    values = [(part, simple(op, weighted(parts[part], column)) or 0.0) for part in sorted(parts)]
    return {part: value - before for (_, before), (part, value) in pairwise(values)}


def covered(events: Sequence[Event], begin: int, end: int, last: int) -> float | None:
    """How many spans ran on average between two times; none runs on beyond the last. Seconds."""
    overlaps: list[Fraction] = []
    for event in events:
        duration: Any = event.fields.get("duration_ms")
        if is_number(duration) and duration > 0:
            start = Fraction(event.time, 10**9)
            stop = min(start + Fraction(duration) / 1000, Fraction(last))
            within = min(stop, Fraction(end)) - max(start, Fraction(begin))
            overlaps.append(within * event.sample_rate)
    overlaps = [overlap for overlap in overlaps if overlap > 0]
    return float(sum(overlaps) / (end - begin)) if overlaps else None


def calculated(one: Calculation, events: Sequence[Event], step: int, window: tuple[int, int]) -> Any:
    """A calculation over a group's events."""
    match one.op:
        case "COUNT":
            return sum(event.sample_rate for event in events)
        case "COUNT_DISTINCT":
            column = one.column or ""
            fields = [event.fields[column] for event in events if column in event.fields]
            return len({(type(key_of(value)).__name__, key_of(value)) for value in fields})
        case "CONCURRENCY":
            return covered(events, *window, window[1])
        case "RATE_AVG" | "RATE_SUM" | "RATE_MAX":
            found = changes(one.op.removeprefix("RATE_"), events, one.column or "", step)
            return sum(found.values()) / len(found) if found else None
    return simple(one.op, weighted(events, one.column))


def ordered(query: Query, groups: Iterable[tuple[Any, Row]]) -> list[tuple[Any, Row]]:
    """The groups in the query's order."""

    def rank(value: Any) -> tuple[int, Any]:
        if isinstance(value, bool):
            return 0, value
        if value in ("Infinity", "NaN"):
            return 1, (math.inf, value)
        return (1, (value, "")) if isinstance(value, int | float) else (2, value.encode("utf-32-be"))

    def compare(left: Any, right: Any, descending: bool) -> int:
        if left is None or right is None:
            return (left is None) - (right is None)
        found = (rank(left) > rank(right)) - (rank(left) < rank(right))
        return -found if descending else found

    terms = [
        (one.column if one.op is None else Calculation(one.op, one.column).label, one.descending)
        for one in query.orders
    ]
    plain = [one.label for one in query.calculations if one.op != "HEATMAP"]
    if not terms and plain:
        terms = [(plain[0], True)]
    terms += [(name, False) for name in dict.fromkeys(query.breakdowns)]

    def by_terms(left: tuple[Any, Row], right: tuple[Any, Row]) -> int:
        found = (
            compare(left[1].get(name or ""), right[1].get(name or ""), descending)
            for name, descending in terms
        )
        return next((one for one in found if one), 0)

    return sorted(groups, key=functools.cmp_to_key(by_terms))


def shown(values: Row) -> Row:
    """What has a value."""
    return {name: value for name, value in values.items() if value is not None}


def answer(
    query: Query, events: Sequence[Event], window: tuple[int, int], step: int, limit: int
) -> tuple[list[Row], list[tuple[int, Row]]]:
    """The results, and the series with the seconds since 1970 of each point."""
    combine = any if query.any_filter else all
    matched = [
        Event(event.dataset, event.time, 1 if query.usage_mode else event.sample_rate, event.fields)
        for event in events
        if window[0] * 10**9 <= event.time < window[1] * 10**9
        and (not query.filters or combine(passes(one, event.fields) for one in query.filters))
    ]
    groups: dict[Any, list[Event]] = {}
    for event in matched:
        groups.setdefault(group_of(query, event.fields), []).append(event)
    plain = [one for one in query.calculations if one.op != "HEATMAP"]
    rows = []
    for group, members in groups.items():
        values = {name: value for name, _, value in group}
        values |= {one.label: calculated(one, members, step, window) for one in plain}
        if all(
            values[one.calculation.label] is not None
            and ORDERS[one.op](values[one.calculation.label], one.value)
            for one in query.havings
        ):
            rows.append((group, shown(values)))
    kept = ordered(query, rows)[:limit]
    series = []
    for place, (group, _) in enumerate(kept):
        begun = {event.time // 10**9 // step for event in groups[group]}
        running = {
            part
            for part in range(window[0] // step, window[1] // step + 1)
            if Calculation("CONCURRENCY") in plain
            and covered(groups[group], part * step, (part + 1) * step, window[1])
        }
        for part in begun | running:
            members = [event for event in groups[group] if event.time // 10**9 // step == part]
            values = {name: value for name, _, value in group}
            for one in plain:
                if one.op == "CONCURRENCY":
                    values[one.label] = covered(groups[group], part * step, (part + 1) * step, window[1])
                elif one.op.startswith("RATE_"):
                    op = one.op.removeprefix("RATE_")
                    values[one.label] = changes(op, groups[group], one.column or "", step).get(part)
                elif members:
                    values[one.label] = calculated(one, members, step, window)
            series.append((part * step, place, shown(values)))
    return [values for _, values in kept], [(at, row) for at, _, row in sorted(series, key=lambda x: x[:2])]
