"""Calculated fields of a query: computed once for each event, then like any other field."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters
from collections.abc import Iterable, Mapping

from localcloud.honeycomb.query.errors import QueryFailed
from localcloud.honeycomb.query.expressions import ExpressionError, parse
from localcloud.honeycomb.query.expressions.compiling import Compiler
from localcloud.honeycomb.query.expressions.tree import Tree
from localcloud.honeycomb.query.model import CalculatedField
from localcloud.honeycomb.query.values import Parameters, Value

_KINDS = {"text": "t", "real": "f", "flag": "b"}


def parse_used(fields: Mapping[str, CalculatedField], used: Iterable[str]) -> dict[str, Tree]:
    """Return what the fields say that are `used`. Raises QueryFailed where one can't be computed.

    They take columns of events alone, none that is calculated.
    """
    trees = {}
    for name in used:
        if name in fields:
            try:
                trees[name] = parse(fields[name].expression)
            except ExpressionError as error:
                raise QueryFailed(f"calculated field {name}: {error}") from error
    return trees


def with_calculated(
    sql: str, values: Mapping[str, Value], trees: Mapping[str, Tree], parameters: Parameters
) -> tuple[str, Mapping[str, Value]]:
    """Return the query for the events with the calculated fields, and the values of all fields."""
    if not trees:
        return sql, values
    compiler = Compiler(values, parameters.bind)
    selected: list[str] = []
    found = dict(values)
    for number, (name, tree) in enumerate(trees.items()):
        value = compiler.value(tree)
        columns: dict[str, str] = {}
        for kind, letter in _KINDS.items():
            text = getattr(value, kind)
            if text is not None:
                columns[kind] = f"w{number}_{letter}"
                selected.append(f"{text} AS {columns[kind]}")
        found[name] = Value(**columns)
    added = "".join(f", {one}" for one in selected)
    return f"SELECT *{added} FROM ({sql})", found
