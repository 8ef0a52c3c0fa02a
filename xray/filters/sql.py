"""An expression as SQL for DuckDB: one boolean expression, never NULL, over the row `t` of a trace.

The row's columns are the fields of TraceFacts, its lists hold structs with the fields of ours, and
`received_at` (epoch seconds) stands beside them. Every value of the expression is a parameter; what is in
the text is ours alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xray.filters import tree as nodes
from xray.filters.cause_sql import causes_match
from xray.filters.groups import resolve
from xray.filters.keys import KINDS, CauseKind, CausePart, Key, Kind, Operator
from xray.filters.scopes import (
    ANNOTATED,
    ENTITIES_OF_CAUSE,
    EXCEPTIONS_OF_CAUSE,
    FIELDS,
    SERVICES_OF_CAUSE,
    Field,
    Scope,
    may_be_client,
    takes_client,
)
from xray.traces.facts import CLIENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from xray.filters.groups import Groups
    from xray.filters.tree import Expression

_INFIX = {
    Operator.EQUAL: "=",
    Operator.UNEQUAL: "<>",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
}
_FUNCTIONS = {
    Operator.CONTAINS: "contains",
    Operator.BEGINS_WITH: "starts_with",
    Operator.ENDS_WITH: "ends_with",
}
_PARTS = {
    CausePart.SERVICE: (Scope.CAUSE_SERVICE, SERVICES_OF_CAUSE, "s"),
    CausePart.ENTITY: (Scope.CAUSE_ENTITY, ENTITIES_OF_CAUSE, "e"),
    CausePart.EXCEPTION: (Scope.CAUSE_EXCEPTION, EXCEPTIONS_OF_CAUSE, "x"),
}
_CAUSES = {
    CauseKind.FAULT: "t.fault_causes",
    CauseKind.ERROR: "t.error_causes",
    CauseKind.RESPONSE_TIME: "t.response_time_causes",
}


class Sql(NamedTuple):
    """A boolean SQL expression and its parameters, one for each `?`, in their order."""

    text: str
    parameters: tuple[str | float, ...]


def to_sql(tree: Expression, *, groups: Groups | None = None) -> Sql:
    """Return an expression as SQL. Raises GroupError for a group that `resolve` refuses."""
    compilation = _Compilation()
    text = compilation.sql(resolve(tree, groups), Scope.TRACE)
    return Sql(text, tuple(compilation.parameters))


class _Compilation:
    """Of one expression: the text is made from left to right, as its parameters are."""

    def __init__(self) -> None:
        self.parameters: list[str | float] = []

    def sql(self, tree: Expression, scope: Scope) -> str:
        return _COMPILE[type(tree)](self, tree, scope)

    def all_of(self, tree: nodes.And, scope: Scope) -> str:
        return f"({' AND '.join([self.sql(term, scope) for term in tree.terms])})"

    def any_of(self, tree: nodes.Or, scope: Scope) -> str:
        return f"({' OR '.join([self.sql(term, scope) for term in tree.terms])})"

    def negation(self, tree: nodes.Not, scope: Scope) -> str:
        return f"(NOT {self.sql(tree.term, scope)})"

    def is_set(self, tree: nodes.IsSet, scope: Scope) -> str:
        key = tree.key
        if isinstance(key, nodes.Annotation):
            return self._annotated(key, scope, "coalesce(a.flag, TRUE)")
        field = FIELDS[scope][key]
        if KINDS[key] is Kind.BOOLEAN:
            return _anywhere(field, f"coalesce({field.sql}, FALSE)")
        return _anywhere(field, f"({field.sql} IS NOT NULL)")

    def is_boolean(self, tree: nodes.IsBoolean, scope: Scope) -> str:
        value = tree.value
        if isinstance(tree.key, nodes.Annotation):
            return self._annotated(tree.key, scope, f"coalesce(a.flag = {str(value).upper()}, FALSE)")
        field = FIELDS[scope][tree.key]
        found = _anywhere(field, f"coalesce({field.sql}, FALSE)")
        return found if value else f"(NOT {found})"

    def comparison(self, tree: nodes.Comparison, scope: Scope) -> str:
        if isinstance(tree.key, nodes.Annotation):
            column = "a.text" if isinstance(tree.value, str) else "a.number"
            return self._annotated(tree.key, scope, _compared(column, tree.operator), tree.value)
        field = FIELDS[scope][tree.key]
        self.parameters.append(tree.value)
        return _anywhere(field, _compared(field.sql, tree.operator))

    def service(self, tree: nodes.Service, scope: Scope) -> str:
        del scope
        found = self._with_body(
            self._selected(tree.selector, _SERVICE), tree.body, Scope.SERVICE, "t.services", "s"
        )
        if not may_be_client(tree):
            return found
        clients = [_CALLED_BY_CLIENT, *self._selected(tree.selector, _SOURCE)]
        return f"({found} OR {any_in('t.edges', 'e', ' AND '.join(clients))})"

    def edge(self, tree: nodes.Edge, scope: Scope) -> str:
        del scope
        selected = self._selected(tree.source, _SOURCE) + self._selected(tree.destination, _DESTINATION)
        if not takes_client(tree.source):
            selected.append(f"(NOT {_CALLED_BY_CLIENT})")
        return self._with_body(selected, tree.body, Scope.EDGE, "t.edges", "e")

    def root_cause(self, tree: nodes.RootCause, scope: Scope) -> str:
        scope, elements, alias = _PARTS[tree.part]
        # The list is made once for a cause: in its place in `inner` it would be made for each element.
        inner = any_in("f", f"{alias}, i", self.sql(tree.body, scope))
        return any_in(f"list_transform({_CAUSES[tree.kind]}, lambda c: {elements})", "f", inner)

    def root_cause_json(self, tree: nodes.RootCauseJson, scope: Scope) -> str:
        del scope
        lists = tuple(_CAUSES.values())
        found = " AND ".join([causes_match(pattern, lists, self.parameters) for pattern in tree.patterns])
        if tree.equal:
            return f"({found})"
        some = " OR ".join(f"coalesce(len({causes}), 0) > 0" for causes in lists)
        return f"(NOT ({found}) AND ({some}))"

    def member(self, tree: nodes.Member, scope: Scope) -> str:
        versions = [self._version(*version, scope) for version in tree.versions]
        return f"({' OR '.join(versions)})" if versions else "FALSE"

    def _version(self, since: float, until: float | None, inner: Expression | None, scope: Scope) -> str:
        parts = ["coalesce(t.received_at >= ?, FALSE)"]
        self.parameters.append(float(since))
        if until is not None:
            parts.append("coalesce(t.received_at < ?, FALSE)")
            self.parameters.append(float(until))
        if inner is not None:
            parts.append(self.sql(inner, scope))
        return f"({' AND '.join(parts)})"

    def _annotated(self, key: nodes.Annotation, scope: Scope, condition: str, *values: str | float) -> str:
        self.parameters += (key.name, *values)
        return any_in(ANNOTATED[scope], "a", f"(coalesce(a.key = ?, FALSE) AND {condition})")

    def _selected(self, selector: nodes.Selector, columns: dict[Key, str]) -> list[str]:
        wanted = zip(_IDENTITY, (selector.name, selector.type, selector.account_id), strict=True)
        parts = []
        for key, value in wanted:
            if value is not None:
                self.parameters.append(value)
                parts.append(f"coalesce({columns[key]} = ?, FALSE)")
        return parts

    def _with_body(
        self, selected: list[str], body: Expression | None, scope: Scope, elements: str, alias: str
    ) -> str:
        conditions = selected if body is None else [*selected, self.sql(body, scope)]
        if not conditions:
            return f"(coalesce(len({elements}), 0) > 0)"
        return any_in(elements, alias, " AND ".join(conditions))


_IDENTITY = (Key.NAME, Key.TYPE, Key.ACCOUNT_ID)
_SERVICE = {key: FIELDS[Scope.SERVICE][key].sql for key in _IDENTITY}
_SOURCE = {Key.NAME: "e.source_name", Key.TYPE: "e.source_type", Key.ACCOUNT_ID: "e.source_account_id"}
_CALLED_BY_CLIENT = f"coalesce(e.source_type = '{CLIENT_TYPE}', FALSE)"
_DESTINATION = {Key.NAME: 'e."name"', Key.TYPE: 'e."type"', Key.ACCOUNT_ID: "e.account_id"}


def any_in(elements: str, names: str, condition: str) -> str:
    """Return SQL that tells whether a list, NULL or not, has an element for which a condition holds."""
    return f"(coalesce(len(list_filter({elements}, lambda {names}: {condition})), 0) > 0)"


def _compared(column: str, operator: Operator) -> str:
    if operator in _INFIX:
        return f"coalesce({column} {_INFIX[operator]} ?, FALSE)"
    return f"coalesce({_FUNCTIONS[operator]}({column}, ?), FALSE)"


def _anywhere(field: Field, condition: str) -> str:
    """Return a condition on a field; of services, it may hold for any."""
    return any_in("t.services", "s", condition) if field.of_services else condition


_COMPILE: dict[type, Callable[..., str]] = {
    nodes.And: _Compilation.all_of,
    nodes.Or: _Compilation.any_of,
    nodes.Not: _Compilation.negation,
    nodes.IsSet: _Compilation.is_set,
    nodes.IsBoolean: _Compilation.is_boolean,
    nodes.Comparison: _Compilation.comparison,
    nodes.Service: _Compilation.service,
    nodes.Edge: _Compilation.edge,
    nodes.RootCause: _Compilation.root_cause,
    nodes.RootCauseJson: _Compilation.root_cause_json,
    nodes.Member: _Compilation.member,
}
