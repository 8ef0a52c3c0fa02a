"""Single conditions of an expression as Honeycomb's filters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from xray.filters import tree as nodes
from xray.filters.honeycomb_columns import (
    ACCOUNT,
    CALL_CAVEAT,
    CALLED,
    COLUMNS,
    FLAG_CAVEAT,
    FLAGS,
    HOLD_OF_NOTHING,
    NO_COLUMN,
    NO_FLAG_CAVEAT,
    OPERATORS,
    OPPOSITES,
    SEGMENT_CAVEAT,
    SERVICE,
    SPAN_KIND,
    URL_OF_CALL,
    Column,
    Filter,
)
from xray.filters.keys import Key, Operator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xray.filters.tree import Expression

_WHOLE_URL = "spans of requests have the path, not the whole URL; CONTAINS and ENDSWITH can be asked of it"
_ABSENT = "X-Ray also finds where there is no such value"
_FALSE_FLAG = "X-Ray doesn't count a boolean annotation that is false"


class NoCounterpartError(Exception):
    """A part of an expression that Honeycomb's filters can't say; the text says why."""


class Translated(NamedTuple):
    """Filters that all have to hold, and in what they mean something else than X-Ray."""

    filters: tuple[Filter, ...]
    caveats: tuple[str, ...] = ()

    def with_caveat(self, caveat: str, where: bool) -> Translated:
        """Return this with one caveat more where it applies."""
        return Translated(self.filters, (*self.caveats, caveat)) if where else self

    def with_all(self, others: Iterable[Translated]) -> Translated:
        """Return this with what others ask for as well."""
        filters, caveats = list(self.filters), list(self.caveats)
        for other in others:
            filters += other.filters
            caveats += other.caveats
        return Translated(tuple(filters), tuple(caveats))


def service_name(selector: nodes.Selector, *, with_body: bool) -> Translated:
    """Return the filters of a service; with a body on those of its spans that stand for segments.

    Raises NoCounterpartError for a type, and for any service at all.
    """
    filters = _selected(selector, SERVICE)
    if with_body:
        return Translated((*filters, {"column": SPAN_KIND, "op": "=", "value": "server"}), (SEGMENT_CAVEAT,))
    if not filters:
        raise NoCounterpartError("every span is of some service")
    return Translated(filters)


def edge_ends(source: nodes.Selector, destination: nodes.Selector) -> Translated:
    """Return the filters of the calling span. Raises NoCounterpartError for types and called accounts."""
    if destination.account_id is not None:
        raise NoCounterpartError("a calling span doesn't know the account of the called service")
    filters = (*_selected(source, SERVICE), *_selected(destination, CALLED))
    return Translated((*filters, {"column": SPAN_KIND, "op": "=", "value": "client"}), (CALL_CAVEAT,))


def _selected(selector: nodes.Selector, column: str) -> tuple[Filter, ...]:
    if selector.type is not None:
        raise NoCounterpartError(NO_COLUMN[Key.TYPE])
    wanted = ((column, selector.name), (ACCOUNT, selector.account_id))
    return tuple({"column": name, "op": "=", "value": value} for name, value in wanted if value is not None)


def condition(term: Expression, *, negated: bool, of_call: bool = False) -> Translated:
    """Return a single condition's filters, on a calling span or another one. Raises NoCounterpartError."""
    match term:
        case nodes.IsSet(nodes.Annotation(name)):
            # Of `!annotation.k` it is the same: X-Ray holds it of a false one, the filter doesn't.
            return Translated((_exists(name, negated=negated),), (_FALSE_FLAG,))
        case nodes.IsBoolean(nodes.Annotation(name), value):
            return _compared(Column(name), "=", value, negated=negated)
        case nodes.Comparison(nodes.Annotation(name), operator, value):
            return _comparison(Column(name), operator, value, negated=negated)
        case nodes.IsSet(Key.PARTIAL) if negated:
            return Translated(())
        case nodes.IsBoolean(Key.PARTIAL, value) if value == negated:
            return Translated(())
        case nodes.IsSet(Key() as key) if key in FLAGS:
            return _flag(key, value=not negated)
        case nodes.IsBoolean(Key() as key, value) if key in FLAGS:
            return _flag(key, value=value != negated)
        case nodes.IsSet(Key() as key):
            column = _column(key, of_call=of_call)
            return Translated((_exists(column.name, negated=negated),), _caveats(column))
        case nodes.Comparison(Key() as key, operator, value):
            asks_for_part = operator in {Operator.CONTAINS, Operator.ENDS_WITH}
            if key is Key.HTTP_URL and not (of_call or asks_for_part):
                raise NoCounterpartError(_WHOLE_URL)
            return _comparison(_column(key, of_call=of_call), operator, value, negated=negated)
        case nodes.IsBoolean(Key() as key, _):
            raise NoCounterpartError(_without_column(key))
        case _:
            raise NoCounterpartError(
                "AND and OR are mixed, Honeycomb joins all filters by the one or the other"
            )


def _column(key: Key, *, of_call: bool) -> Column:
    if of_call and key is Key.HTTP_URL:
        return URL_OF_CALL
    if key not in COLUMNS:
        raise NoCounterpartError(_without_column(key))
    return COLUMNS[key]


def _without_column(key: Key) -> str:
    return NO_COLUMN.get(key, f"spans have no {key}")


def _caveats(column: Column) -> tuple[str, ...]:
    return (column.caveat,) if column.caveat else ()


def _flag(key: Key, *, value: bool) -> Translated:
    found = dict(FLAGS[key][value])
    return Translated((found,), (NO_FLAG_CAVEAT if found["op"] in HOLD_OF_NOTHING else FLAG_CAVEAT,))


def _comparison(column: Column, operator: Operator, value: float | str, *, negated: bool) -> Translated:
    if value == "" and operator in {Operator.CONTAINS, Operator.BEGINS_WITH, Operator.ENDS_WITH}:
        return Translated((_exists(column.name, negated=negated),), _caveats(column))
    return _compared(column, OPERATORS[operator], value, negated=negated)


def _compared(column: Column, op: str, value: float | str | bool, *, negated: bool) -> Translated:
    if isinstance(value, float):
        value = value * column.factor
        if not math.isfinite(value):
            raise NoCounterpartError(f"{column.name} counts in milliseconds, and there it is no number")
        value = int(value) if value.is_integer() else value
    op = OPPOSITES[op] if negated else op
    found: Filter = {"column": column.name, "op": op, "value": value}
    caveats = _caveats(column)
    if negated:
        return Translated((found,), caveats if op in HOLD_OF_NOTHING else (*caveats, _ABSENT))
    if op == "!=":
        # X-Ray's comparisons are false where there is no value.
        return Translated((found, _exists(column.name, negated=False)), caveats)
    return Translated((found,), caveats)


def _exists(column: str, *, negated: bool) -> Filter:
    return {"column": column, "op": "does-not-exist" if negated else "exists"}
