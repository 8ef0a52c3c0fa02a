"""Expressions as SQL.

An expression's value may be of one kind for this event, and of another for the next. Numbers are 64-bit
floats.
"""

from collections.abc import Callable, Mapping, Sequence

from localcloud.honeycomb.query.errors import QueryFailed
from localcloud.honeycomb.query.expressions import texts
from localcloud.honeycomb.query.expressions.tree import Call, Column, Literal, Tree
from localcloud.honeycomb.query.values import Bind, Value, any_of

SQL_MAX_CHARACTERS = 200_000
"""A column with values of several kinds makes an expression longer with each level."""

_NUMBER_PATTERN = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_COMPARISONS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


class Compiler:
    """Makes SQL over rows whose fields have these values."""

    def __init__(self, columns: Mapping[str, Value], bind: Bind) -> None:
        self._columns = columns
        self._bind = bind
        self._calls: dict[str, Callable[[Sequence[Tree]], Value]] = {
            "IF": self._if,
            "SWITCH": self._switch,
            "COALESCE": self._coalesce,
            "MIN": lambda trees: self._extreme("least", trees),
            "MAX": lambda trees: self._extreme("greatest", trees),
            "BUCKET": self._bucket,
        }

    def value(self, tree: Tree) -> Value:
        """Return SQL for an expression's value. Raises QueryFailed where that would be too long."""
        match tree:
            case Literal():
                found = self._literal(tree)
            case Column():
                value = self._columns[tree.name]
                found = Value(text=value.text, real=value.number, flag=value.flag)
            case Call():
                found = self._call(tree)
        if sum(map(len, _kinds(found).values())) > SQL_MAX_CHARACTERS:
            raise QueryFailed("an expression is too long for columns with values of several types")
        return found

    def _literal(self, tree: Literal) -> Value:
        match tree.value:
            case None:
                return Value()
            case bool():
                return Value(flag="true" if tree.value else "false")
            case str():
                return Value(text=f"{self._bind(tree.value)}::VARCHAR")
        return Value(real=f"{self._bind(float(tree.value))}::DOUBLE")

    def _call(self, tree: Call) -> Value:
        if tree.function in self._calls:
            return self._calls[tree.function](tree.arguments)
        values = [self.value(argument) for argument in tree.arguments]
        if tree.function in texts.FUNCTIONS:
            return texts.FUNCTIONS[tree.function](values, tree.arguments, self._bind)
        return _simple(tree.function, values)

    def _if(self, arguments: Sequence[Tree]) -> Value:
        values = [self.value(argument) for argument in arguments]
        otherwise = values.pop() if len(values) % 2 else Value()
        cases = [(truth(condition), then) for condition, then in zip(values[::2], values[1::2], strict=True)]
        return _cases(cases, otherwise)

    def _switch(self, arguments: Sequence[Tree]) -> Value:
        subject, *values = [self.value(argument) for argument in arguments]
        otherwise = values.pop() if len(values) % 2 else Value()
        pairs = zip(values[::2], values[1::2], strict=True)
        return _cases([(equal(subject, case), then) for case, then in pairs], otherwise)

    def _coalesce(self, arguments: Sequence[Tree]) -> Value:
        values = [self.value(argument) for argument in arguments]
        cases = []
        for value in values:
            present = [f"{sql} IS NOT NULL" for kind, sql in _kinds(value).items() if kind != "text"]
            if value.text is not None:
                present.append(f"{value.text} <> ''")
            cases.append((f"coalesce({any_of(present)}, false)", value))
        return _cases(cases, Value())

    def _extreme(self, function: str, arguments: Sequence[Tree]) -> Value:
        """Of the arguments that have the type of the first one that has a value."""
        values = [self.value(argument) for argument in arguments]
        whens = [
            " ".join(f"WHEN {sql} IS NOT NULL THEN '{kind}'" for kind, sql in _kinds(value).items())
            for value in values
        ]
        kinds = [f"CASE {when} END" for when in whens if when]
        first = f"coalesce({', '.join(kinds)})"
        found = {}
        for kind in ("text", "real", "flag"):
            among = [sql for value in values if (sql := _kinds(value).get(kind)) is not None]
            if among:
                found[kind] = f"CASE WHEN {first} = '{kind}' THEN {function}({', '.join(among)}) END"
        return Value(**found)

    def _bucket(self, arguments: Sequence[Tree]) -> Value:
        """`100 - 200` for a value from 100 on and below 200; `< 0` and `> 1000` beyond the bounds."""
        value = self.value(arguments[0]).real
        size, *bounds = (number_or_zero(self.value(argument)) for argument in arguments[1:])
        if value is None:
            return Value()
        least = bounds[0] if bounds else "0"
        low = f"({least} + floor(({value} - {least}) / {size}) * {size})"
        label = f"{texts.number_text(low)} || ' - ' || {texts.number_text(f'({low} + {size})')}"
        cases = ""
        if bounds:
            cases += f" WHEN {value} < {least} THEN '< ' || {texts.number_text(least)}"
        if len(bounds) > 1:
            cases += f" WHEN {value} > {bounds[1]} THEN '> ' || {texts.number_text(bounds[1])}"
        return Value(text=f"CASE WHEN {value} IS NULL OR NOT {size} > 0 THEN NULL{cases} ELSE {label} END")


def _simple(function: str, values: Sequence[Value]) -> Value:
    numbers = [number_or_zero(value) for value in values]
    match function:
        case "LT" | "LTE" | "GT" | "GTE":
            return Value(flag=_compared(_COMPARISONS[function], values[0], values[1]))
        case "EQUALS":
            return Value(flag=equal(values[0], values[1]))
        case "IN":
            return Value(flag=any_of([equal(values[0], value) for value in values[1:]]))
        case "EXISTS":
            return Value(flag=values[0].exists)
        case "NOT":
            return Value(flag=f"(NOT {truth(values[0])})")
        case "AND":
            return Value(flag=f"({' AND '.join(map(truth, values))})")
        case "OR":
            return Value(flag=any_of([truth(value) for value in values]))
        case "BOOL":
            return Value(flag=truth(values[0]))
        case "SUM":
            return Value(real=f"({' + '.join(numbers)})")
        case "SUB":
            return Value(real=f"({numbers[0]} - {numbers[1]})")
        case "MUL":
            return Value(real=f"({' * '.join(numbers)})")
        case "DIV":
            return Value(real=f"({numbers[0]} / nullif({numbers[1]}, 0))")
        case "MOD":
            return Value(real=f"({numbers[0]} % nullif({numbers[1]}, 0))")
        case "LOG10":
            return Value(real=f"CASE WHEN {numbers[0]} > 0 THEN log10({numbers[0]}) END")
        case "INT":
            return Value(real=f"trunc({numbers[0]})")
        case "FLOAT":
            return Value(real=numbers[0])
        case "EVENT_TIMESTAMP":
            return Value(real="(time / 1e9)")
    raise ValueError(f"no such function: {function}")


def truth(value: Value) -> str:
    """Return SQL for whether a value counts as true: true, "true", and numbers but 0."""
    parts = []
    if value.flag is not None:
        parts.append(value.flag)
    if value.real is not None:
        parts.append(f"{value.real} <> 0")
    if value.text is not None:
        parts.append(f"{value.text} = 'true'")
    return f"coalesce({any_of(parts)}, false)"


def equal(left: Value, right: Value) -> str:
    """Return SQL for whether two values are of one type and equal."""
    mine, others = _kinds(left), _kinds(right)
    same = [f"{mine[kind]} = {others[kind]}" for kind in mine if kind in others]
    return f"coalesce({any_of(same)}, false)"


def number_or_zero(value: Value) -> str:
    """Return SQL for a value as arithmetic takes it: texts that say a number too, all else is 0."""
    parts = [] if value.real is None else [value.real]
    if value.text is not None:
        is_number = f"regexp_full_match({value.text}, '{_NUMBER_PATTERN}')"
        said = f"CASE WHEN {is_number} THEN try_cast({value.text} AS DOUBLE) END"
        parts.append(f"CASE WHEN isfinite({said}) THEN {said} END")
    return f"coalesce({', '.join([*parts, '0::DOUBLE'])})"


def _compared(operator: str, left: Value, right: Value) -> str:
    mine, others = _kinds(left), _kinds(right)
    pairs = [
        f"{mine[kind]} {operator} {others[kind]}"
        for kind in ("text", "real")
        if kind in mine and kind in others
    ]
    return f"coalesce({any_of(pairs)}, false)"


def _cases(cases: Sequence[tuple[str, Value]], otherwise: Value) -> Value:
    """Return the value of the first case whose condition holds."""
    found = {}
    for kind in ("text", "real", "flag"):
        values = [(condition, _kinds(value).get(kind, "NULL")) for condition, value in cases]
        last = _kinds(otherwise).get(kind, "NULL")
        if any(sql != "NULL" for _, sql in values) or last != "NULL":
            whens = " ".join(f"WHEN {condition} THEN {sql}" for condition, sql in values)
            found[kind] = f"CASE {whens} ELSE {last} END"
    return Value(**found)


def _kinds(value: Value) -> dict[str, str]:
    kinds = {"text": value.text, "real": value.real, "flag": value.flag}
    return {kind: sql for kind, sql in kinds.items() if sql is not None}
