"""Filters as SQL.

A filter's value is taken for what the stored value is: 200 equals the text "200", "200" the number 200, and
"true" the boolean. Numbers compare exactly, texts by code points; only texts have beginnings and parts. The
negated filters hold where the plain ones don't, so also where an event has no such field.
"""

import math
from collections.abc import Iterable

from localcloud.honeycomb.numbers import is_integer
from localcloud.honeycomb.query.model import Filter, Scalar
from localcloud.honeycomb.query.operations import NEGATED_FILTERS
from localcloud.honeycomb.query.values import (
    Bind,
    Value,
    any_of,
    as_flag,
    as_number,
    as_text,
)

_TEXT_FUNCTIONS = {"starts-with": "starts_with", "ends-with": "suffix", "contains": "contains"}


def condition(one: Filter, value: Value, bind: Bind) -> str:
    """Return SQL that is true or false for each event, never NULL."""
    if one.op in NEGATED_FILTERS:
        return f"NOT {_plain(NEGATED_FILTERS[one.op], one.value, value, bind)}"
    return _plain(one.op, one.value, value, bind)


def _plain(op: str, operand: Scalar | tuple[Scalar, ...] | None, value: Value, bind: Bind) -> str:
    if op == "exists":
        return value.exists
    if isinstance(operand, tuple):
        found = _equal(value, operand, bind)
    elif operand is None:
        raise ValueError(f"{op} needs a value")
    elif op == "=":
        found = _equal(value, (operand,), bind)
    elif op in _TEXT_FUNCTIONS:
        found = [] if value.text is None else [f"{_TEXT_FUNCTIONS[op]}({value.text}, {bind(operand)})"]
    else:
        found = list(_ordered(op, operand, value, bind))
    return f"coalesce({any_of(found)}, false)"


def _equal(value: Value, operands: tuple[Scalar, ...], bind: Bind) -> list[str]:
    numbers = [number for one in operands if (number := as_number(one)) is not None]
    flags = [flag for one in operands if (flag := as_flag(one)) is not None]
    among = (
        (value.text, [as_text(one) for one in operands]),
        (value.integer, [one for one in numbers if isinstance(one, int) and is_integer(one)]),
        (value.real, [float(one) for one in numbers if float(one) == one]),
        (value.flag, flags),
    )
    return [
        f"{sql} IN ({', '.join(bind(one) for one in allowed)})"
        for sql, allowed in among
        if sql is not None and allowed
    ]


def _ordered(op: str, operand: Scalar, value: Value, bind: Bind) -> Iterable[str]:
    if value.text is not None and isinstance(operand, str):
        yield f"{value.text} {op} {bind(operand)}"
    number = as_number(operand)
    if number is None:
        return
    if value.integer is not None:
        yield _integer_compared(value.integer, op, number, bind)
    if value.real is not None:
        yield f"isfinite({value.real}) AND {_real_compared(value.real, op, number, bind)}"


def _integer_compared(sql: str, op: str, number: int | float, bind: Bind) -> str:
    """Compare with the nearest integer below, where `number` is between two."""
    whole = math.floor(number)
    if whole != number:
        op = ">" if op in (">", ">=") else "<="
    if not is_integer(whole):
        return f"{sql} IS NOT NULL" if (whole < 0) == (op in (">", ">=")) else "false"
    return f"{sql} {op} {bind(whole)}"


def _real_compared(sql: str, op: str, number: int | float, bind: Bind) -> str:
    """Compare with the nearest float below, where `number` is between two."""
    near = float(number)
    if near != number:
        near = near if near < number else math.nextafter(near, -math.inf)
        op = ">" if op in (">", ">=") else "<="
    return f"{sql} {op} {bind(near)}"
