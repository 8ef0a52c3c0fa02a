"""Calculated fields: the language, and what it computes."""

import contextlib
import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.honeycomb.events import Event
from localcloud.honeycomb.query.engine import run
from localcloud.honeycomb.query.errors import QueryError, QueryFailed
from localcloud.honeycomb.query.expressions import ExpressionError, parse
from localcloud.honeycomb.query.expressions.functions import ARGUMENTS, OPERATORS
from localcloud.honeycomb.query.expressions.tree import Call, Column, Literal, Tree
from localcloud.honeycomb.query.specification import read
from localcloud.honeycomb.store import EventStore

from .plain import is_number, number_said, text_of

NOW = 1_700_000_000
Field = str | bool | int | float


def computed(expression: str, *events: dict[str, Field]) -> list[Any]:
    """What an expression computes for each event, in their order."""
    store = EventStore(clock=lambda: NOW * 10**9)
    store.add(
        Event("web", NOW * 10**9, 1, {"number": number, **fields}) for number, fields in enumerate(events)
    )
    query = {
        "breakdowns": ["number", "result"],
        "calculated_fields": [{"name": "result", "expression": expression}],
        "orders": [{"column": "number"}],
        "limit": 1000,
    }
    try:
        known = ("a", "b", "c", "some field")
        found = run(store, "web", read(query), now=NOW * 10**9, disable_series=True, known_columns=known)
    finally:
        store.close()
    assert [row["data"]["number"] for row in found.results] == list(range(len(events)))
    return [row["data"].get("result") for row in found.results]


@pytest.mark.parametrize(
    ("expression", "fields", "value"),
    [
        ("$a", {"a": 3}, 3),
        ("$a", {}, None),
        ('$"some field"', {"some field": "x"}, "x"),
        ("$`some field`", {"some field": "x"}, "x"),
        ("null", {}, None),
        ("true", {}, True),
        ("-2.5e1", {}, -25),
        (".5", {}, 0.5),
        (r'"a\t\"\u00e9\x41\101"', {}, 'a\t"éAA'),
        (r"`a\t`", {}, r"a\t"),
        ("1 + 2 * 3", {}, 7),
        ("(1 + 2) * 3", {}, 9),
        ("10 - 3 - 2", {}, 5),
        ("7 % 4", {}, 3),
        ("-7 % 4", {}, -3),
        ('1.0 + 5 + "2.3"', {}, 8.3),
        ("$a - 1 ", {"a": "x"}, -1),
        ("1 / 0", {}, None),
        ("DIV(7, 2)", {}, 3.5),
        ("SUM(1, 2, 3,)", {}, 6),
        ("MUL(2, true)", {}, 0),
        ("LOG10(1000)", {}, 3),
        ("LOG10(0)", {}, None),
        ("MIN(3, $a, 2)", {"a": "x"}, 2),
        ("MAX($a, 3, 2)", {"a": "x"}, "x"),
        ("MAX(null, 3, 9)", {}, 9),
        ('INT("3.9")', {}, 3),
        ("INT(-3.9)", {}, -3),
        ("INT(true)", {}, 0),
        ('FLOAT("3.25")', {}, 3.25),
        ('FLOAT("x")', {}, 0),
        ("BOOL(0)", {}, False),
        ("BOOL(2)", {}, True),
        ('BOOL("true")', {}, True),
        ('BOOL("yes")', {}, False),
        ("BOOL($a)", {}, False),
        ("STRING($a)", {}, ""),
        ("STRING(300.5)", {}, "300.5"),
        ("STRING(3.0)", {}, "3"),
        ("STRING(true)", {}, "true"),
        ("IF($a, 1, 2)", {"a": True}, 1),
        ("IF($a, 1, 2)", {"a": "no"}, 2),
        ("IF($a > 1, 1)", {"a": 0}, None),
        ("IF(false, 1, $a = 5, 2, 3)", {"a": 5}, 2),
        ("IF(false, 1, $a = 5, 2, 3)", {"a": 6}, 3),
        ('SWITCH($a, "x", 1, "y", 2, 3)', {"a": "y"}, 2),
        ('SWITCH($a, "x", 1, "y", 2)', {"a": "z"}, None),
        ('COALESCE($a, $b, "none")', {"a": "", "b": 0}, 0),
        ('COALESCE($a, "none")', {}, "none"),
        ("LT(1, 2)", {}, True),
        ('LT(1, "2")', {}, False),
        ('GTE("b", "a")', {}, True),
        ("GT($a, 1)", {}, False),
        ("$a != 1", {}, True),
        ("EQUALS($a, $b)", {}, False),
        ('IN($a, "x", "y")', {"a": "y"}, True),
        ("!IN($a, 1, 2)", {"a": "y"}, True),
        ("EXISTS($a)", {"a": False}, True),
        ("EXISTS($a)", {}, False),
        ("NOT($a)", {}, True),
        ("1 < 2 AND 2 < 1 OR true", {}, True),
        ('AND(true, 1, "true")', {}, True),
        ('OR(0, "x", null)', {}, False),
        ('CONCAT($a, "-", 2.5, true, $b)', {"a": "x"}, "x-2.5true"),
        ('TO_LOWER("ABC")', {}, "abc"),
        ('STARTS_WITH($a, "ab")', {"a": "abc"}, True),
        ('ENDS_WITH($a, "bc")', {"a": "abc"}, True),
        ('CONTAINS($a, "%")', {"a": "abc"}, False),
        ('CONTAINS($a, "b")', {"a": 1}, False),
        ('LENGTH("é")', {}, 1),
        ('LENGTH("é", "bytes")', {}, 2),
        ("REG_MATCH($a, `^/api/[0-9]+$`)", {"a": "/api/12"}, True),
        ("REG_VALUE($a, `/api/([0-9]+)`)", {"a": "/api/12/x"}, "12"),
        ("REG_VALUE($a, `[(]|[0-9]+`)", {"a": "/api/12/x"}, "12"),
        ("REG_VALUE($a, `(?:x)`)", {"a": "/api"}, None),
        ("REG_COUNT($a, `/`)", {"a": "/api/12/x"}, 3),
        ("BUCKET($a, 100)", {"a": 250}, "200 - 300"),
        ("BUCKET($a, 100)", {"a": -1}, "-100 - 0"),
        ("BUCKET($a, 100, 50, 1000)", {"a": 49}, "< 50"),
        ("BUCKET($a, 100, 50, 1000)", {"a": 50}, "50 - 150"),
        ("BUCKET($a, 100, 50, 1000)", {"a": 1001}, "> 1000"),
        ("BUCKET($a, 0.5)", {"a": 0.75}, "0.5 - 1"),
        ("BUCKET($a, 100)", {"a": "x"}, None),
        ("EVENT_TIMESTAMP()", {}, NOW),
    ],
)
def test_what_an_expression_computes(expression: str, fields: dict[str, Field], value: Any) -> None:
    """As docs.honeycomb.io/reference/calculated-field-formula describes it."""
    (found,) = computed(expression, fields)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)
    assert isinstance(found, bool) == isinstance(value, bool)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "unexpected end, expected a value, at character 1"),
        ("FOO($a)", "invalid function: FOO, at character 1"),
        ("if($a, 1)", "invalid function: if, at character 1"),
        ("FORMAT_TIME(`%Y`, 1)", "FORMAT_TIME is not computed by the local Honeycomb, at character 1"),
        ("IF($a)", "IF takes 2 or more arguments, not 1, at character 1"),
        ("LT(1, 2, 3)", "LT takes 2 arguments, not 3, at character 1"),
        ("LENGTH()", "LENGTH takes 1 to 2 arguments, not 0, at character 1"),
        ("REG_MATCH($a, $b)", "REG_MATCH takes a string as its second argument, at character 1"),
        ("SWITCH($a, 1, 2)", "SWITCH takes strings as its cases, at character 1"),
        ("1 +", "unexpected end, expected a value, at character 4"),
        ("1 2", "unexpected '2', expected the end, at character 3"),
        ("(1", "unexpected end, expected ')', at character 3"),
        ("IF(1, 2", "unexpected end, expected ')', at character 8"),
        ("IF(,)", "unexpected ',', expected a value, at character 4"),
        ('"a', "unexpected '\"', at character 1"),
        (r'"\q"', "unknown escape '\\\\q' in a string, at character 1"),
        (r'"\ud800"', "'\\\\ud800' in a string is no character, at character 1"),
        ("1e999", "1e999 is greater than a 64-bit float can hold, at character 1"),
        ('$""', "a column without a name, at character 1"),
        ("a; DROP TABLE x", "unexpected ';', at character 2"),
        ("(" * 20_000, "nested more than 100 deep, at character 101"),
        ("!" * 20_000, "nested more than 100 deep, at character 101"),
        ("+".join("1" * 200), "nested more than 100 deep, at character 200"),
    ],
)
def test_texts_that_are_no_expression(expression: str, problem: str) -> None:
    """The message says what was found, what was expected and where."""
    with pytest.raises(ExpressionError) as caught:
        parse(expression)
    assert str(caught.value) == problem


@given(st.text() | st.text(st.sampled_from('$"`()+-*/%!=<>,.0eab\\ \tINORANDIF'), max_size=40))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    """Nothing else happens."""
    with contextlib.suppress(ExpressionError):
        assert isinstance(parse(text), Literal | Column | Call)


def test_a_specification_with_a_broken_expression_is_refused() -> None:
    """With the place in the query."""
    with pytest.raises(QueryError) as caught:
        read({"calculated_fields": [{"name": "x", "expression": "FOO()"}]})
    (problem,) = caught.value.problems
    assert (problem.field, problem.code) == ("calculated_fields[0].expression", "invalid")
    assert "invalid function: FOO" in problem.description


@pytest.mark.parametrize(
    ("pattern", "reason"), [("[", "missing ]"), ("(", "missing )"), ("(?=a)", "invalid perl operator")]
)
@pytest.mark.parametrize("function", ["REG_MATCH", "REG_VALUE", "REG_COUNT"])
def test_a_pattern_that_is_no_regular_expression_is_refused(function: str, pattern: str, reason: str) -> None:
    """When the expression is read, with the place and what RE2 says of it."""
    with pytest.raises(ExpressionError, match=re.escape(reason)) as caught:
        parse(f"{function}(CONCAT($a, `x`), `{pattern}`)")
    assert caught.value.position == len(f"{function}(CONCAT($a, `x`), ")
    specification = {"calculated_fields": [{"name": "q", "expression": f"{function}($a, `{pattern}`)"}]}
    with pytest.raises(QueryError) as refused:
        read(specification)
    assert [problem.field for problem in refused.value.problems] == ["calculated_fields[0].expression"]


def test_an_expression_that_would_grow_without_bounds_fails_the_query() -> None:
    """Each level repeats the one below for each type that a column has."""
    deep = "$a"
    for _ in range(40):
        deep = f"IF({deep}, $a, $b)"
    with pytest.raises(QueryFailed, match="too long"):
        computed(deep, {"a": 1, "b": 1}, {"a": "x", "b": "x"}, {"a": True, "b": True})


FIELD = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, -2.25, 1e300, math.inf, math.nan]),
    st.booleans(),
    st.sampled_from(["", "a", "b", "true", "2", "-0.5", "ab", "x y"]),
)
LITERALS = st.sampled_from(
    ["1", "-2", "0", "0.5", '"a"', '"2"', '""', "true", "false", "null", "$a", "$b", "$c"]
)
FUNCTIONS = sorted(
    set(ARGUMENTS) - {"REG_MATCH", "REG_VALUE", "REG_COUNT", "SWITCH", "BUCKET", "EVENT_TIMESTAMP"}
)


def _call(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def arguments(function: str) -> st.SearchStrategy[str]:
        least, most = ARGUMENTS[function]
        if function == "LENGTH":
            most = 1
        return st.lists(children, min_size=least, max_size=min(most, 3)).map(
            lambda found: f"{function}({', '.join(found)})"
        )

    infix = st.tuples(children, st.sampled_from(sorted(OPERATORS)), children)
    return st.sampled_from(FUNCTIONS).flatmap(arguments) | infix.map(lambda parts: f"({' '.join(parts)})")


def evaluate(tree: Tree, fields: dict[str, Field]) -> Any:
    """An expression's value for one event, in plain Python."""
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Column):
        value = fields.get(tree.name)
        return None if isinstance(value, float) and not math.isfinite(value) else value
    values = [evaluate(argument, fields) for argument in tree.arguments]
    value = _evaluated(tree.function, values)
    if isinstance(value, float) and not math.isfinite(value):
        raise OverflowError
    return value


def _number(value: Any) -> float:
    said: Any = number_said(value) if isinstance(value, str) else value
    return float(said) if is_number(said) else 0.0


def _truth(value: Any) -> bool:
    return value == "true" if isinstance(value, str) else bool(value)


def _kind(value: Any) -> str:
    return "number" if is_number(value) else type(value).__name__


def _evaluated(function: str, values: list[Any]) -> Any:
    same = len(values) > 1 and _kind(values[0]) == _kind(values[1]) and values[0] is not None
    ordered = same and not isinstance(values[0], bool)
    match function:
        case "IF":
            otherwise = values.pop() if len(values) % 2 else None
            pairs = zip(values[::2], values[1::2], strict=True)
            return next((then for condition, then in pairs if _truth(condition)), otherwise)
        case "COALESCE":
            return next((value for value in values if value not in (None, "") or value is False), None)
        case "LT":
            return ordered and values[0] < values[1]
        case "LTE":
            return ordered and values[0] <= values[1]
        case "GT":
            return ordered and values[0] > values[1]
        case "GTE":
            return ordered and values[0] >= values[1]
        case "EQUALS":
            return same and values[0] == values[1]
        case "IN":
            return any(_evaluated("EQUALS", [values[0], value]) for value in values[1:])
        case "EXISTS":
            return values[0] is not None
        case "NOT":
            return not _truth(values[0])
        case "AND":
            return all(map(_truth, values))
        case "OR":
            return any(map(_truth, values))
        case "MIN" | "MAX":
            first = next((value for value in values if value is not None), None)
            among = [value for value in values if _kind(value) == _kind(first)]
            return None if first is None else min(among) if function == "MIN" else max(among)
        case "SUM":
            return sum(map(_number, values))
        case "SUB":
            return _number(values[0]) - _number(values[1])
        case "MUL":
            return math.prod(map(_number, values))
        case "DIV":
            return _number(values[0]) / _number(values[1]) if _number(values[1]) else None
        case "MOD":
            return math.fmod(_number(values[0]), _number(values[1])) if _number(values[1]) else None
        case "LOG10":
            return math.log10(_number(values[0])) if _number(values[0]) > 0 else None
        case "INT":
            return math.trunc(_number(values[0]))
        case "FLOAT":
            return _number(values[0])
        case "BOOL":
            return _truth(values[0])
        case "STRING":
            return "" if values[0] is None else text_of(values[0])
        case "CONCAT":
            return "".join(text_of(value) for value in values if value is not None)
        case "TO_LOWER":
            return values[0].lower() if isinstance(values[0], str) else None
        case "LENGTH":
            return len(values[0]) if isinstance(values[0], str) else None
    texts = {"STARTS_WITH": str.startswith, "ENDS_WITH": str.endswith, "CONTAINS": str.__contains__}
    return all(isinstance(value, str) for value in values) and texts[function](*values)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(LITERALS, _call, max_leaves=6),
    st.lists(
        st.fixed_dictionaries({}, optional={"a": FIELD, "b": FIELD, "c": FIELD}), min_size=1, max_size=6
    ),
)
def test_sql_computes_what_a_plain_evaluation_does(expression: str, events: list[dict[str, Field]]) -> None:
    """For every function but those of patterns, whatever types the fields have."""
    tree = parse(expression)
    expected: list[Any] = []
    kept = []
    for fields in events:
        try:
            expected.append(evaluate(tree, fields))
            kept.append(fields)
        except OverflowError:
            continue
    if not kept:
        return
    for fields, found, value in zip(kept, computed(expression, *kept), expected, strict=True):
        if is_number(value):
            assert is_number(found), (expression, fields)
            assert math.isclose(found, value, rel_tol=1e-12), (expression, fields)
        elif isinstance(value, str) and re.search("[0-9]", value):
            assert isinstance(found, str), (expression, fields)
            assert re.sub(r"e\+?", "e", found) == re.sub(r"e\+?", "e", value), (expression, fields)
        else:
            assert (type(found), found) == (type(value), value), (expression, fields)
