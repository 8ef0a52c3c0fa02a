"""lark's syntax tree to ours: values read, every keyword held against the scope that it stands in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lark import Token, Tree

from xray.filters import tree as nodes
from xray.filters.build_json import patterns
from xray.filters.errors import listed, refusal
from xray.filters.keys import CauseKind, CausePart, GroupKey, Key, Operator
from xray.filters.scopes import ANNOTATED, FIELDS, Scope, scopes_with
from xray.filters.strings import unquoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from xray.filters.tree import Expression

NESTING_MAX = 100
"""Levels of AND, OR, ! and {...} in one another; parentheses that change nothing don't count."""

CONDITIONS_MAX = 2_000
"""How many conditions an expression may have, once its groups' filters are in it too."""

Syntax = Tree[Token]
_CAUSE_SCOPES = {
    CausePart.SERVICE: Scope.CAUSE_SERVICE,
    CausePart.ENTITY: Scope.CAUSE_ENTITY,
    CausePart.EXCEPTION: Scope.CAUSE_EXCEPTION,
}


def build(text: str, syntax: Syntax) -> Expression:
    """Return the tree of an expression. Raises FilterError."""
    return _Builder(text).expression(_tree(syntax.children[0]), Scope.TRACE, 1)


class _Builder:
    """Builds from one text, which errors quote."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._conditions = 0

    def expression(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        if level > NESTING_MAX:
            why = f"nested more than {NESTING_MAX} levels deep, use fewer"
            raise refusal(self._text, _offset(syntax), why)
        if syntax.data not in _JOINTS:
            self._conditions += 1
            if self._conditions > CONDITIONS_MAX:
                why = f"more than {CONDITIONS_MAX} conditions, use fewer"
                raise refusal(self._text, _offset(syntax), why)
        return _BUILD[syntax.data](self, syntax, scope, level)

    def all_of(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        return nodes.all_of(self.expression(_tree(part), scope, level + 1) for part in syntax.children)

    def any_of(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        return nodes.any_of(self.expression(_tree(part), scope, level + 1) for part in syntax.children)

    def negation(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        return nodes.Not(self.expression(_tree(syntax.children[0]), scope, level + 1))

    def boolean(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        del level
        key = self._key(syntax.children[0], scope)
        return self._boolean(key, syntax)

    def comparison(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        del level
        return self._compared(self._key(syntax.children[0], scope), syntax)

    def annotation(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        del level
        token = _token(syntax.children[0])
        if scope not in ANNOTATED:
            raise self._misplaced(token, tuple(known.value for known in ANNOTATED))
        name = token[len("annotation") :].strip(".[] \t\r\n\f")
        key = nodes.Annotation(name)
        if len(syntax.children) == 3 and _token(syntax.children[2]).type == "BOOLEAN":
            return self._boolean(key, syntax)
        return self._compared(key, syntax)

    def service(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        keyword, selector, body = syntax.children
        self._at_trace_level(keyword, scope)
        return nodes.Service(self._selector(selector), self._body(body, Scope.SERVICE, level))

    def edge(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        keyword, source, destination, body = syntax.children
        self._at_trace_level(keyword, scope)
        return nodes.Edge(
            self._selector(source), self._selector(destination), self._body(body, Scope.EDGE, level)
        )

    def root_cause(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        keyword, body = syntax.children
        self._at_trace_level(keyword, scope)
        _, kind, part = _token(keyword).lower().split(".")
        inner = self._body(body, _CAUSE_SCOPES[CausePart(part)], level)
        assert inner is not None  # noqa: S101 - the grammar has it
        return nodes.RootCause(CauseKind(kind), CausePart(part), inner)

    def root_cause_json(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        del level
        keyword, operator, array = syntax.children
        self._at_trace_level(keyword, scope)
        return nodes.RootCauseJson(
            operator == Operator.EQUAL, patterns(self._text, _token(operator), _tree(array))
        )

    def group(self, syntax: Syntax, scope: Scope, level: int) -> Expression:
        del level
        keyword, operator, value = syntax.children
        self._at_trace_level(keyword, scope)
        key = GroupKey(_token(keyword).lower())
        return nodes.Group(key, unquoted(_token(value)), operator == Operator.EQUAL)

    def _body(self, syntax: object, scope: Scope, level: int) -> Expression | None:
        if syntax is None:
            return None
        return self.expression(_tree(_tree(syntax).children[0]), scope, level + 1)

    def _selector(self, syntax: object) -> nodes.Selector:
        if syntax is None:
            return nodes.Selector()
        first, *pairs = _tree(syntax).children
        if isinstance(first, Token) and first.type == "STRING":
            return nodes.Selector(name=unquoted(first))
        found: dict[str, str] = {}
        for pair in pairs:
            key, value = (_token(part) for part in _tree(pair).children)
            if key.lower() in found:
                raise refusal(self._text, _offset(key), f"{key.lower()} is given twice, expected once")
            found[key.lower()] = unquoted(value)
        return nodes.Selector(found.get(Key.NAME), found.get(Key.TYPE), found.get(Key.ACCOUNT_ID))

    def _key(self, part: object, scope: Scope) -> Key:
        token = _token(part)
        key = Key(token.lower())
        if key not in FIELDS[scope]:
            raise self._misplaced(token, scopes_with(key))
        return key

    def _boolean(self, key: Key | nodes.Annotation, syntax: Syntax) -> Expression:
        _, operator, value = syntax.children
        if operator is None:
            return nodes.IsSet(key)
        return nodes.IsBoolean(key, (_token(value).lower() == "true") == (operator == Operator.EQUAL))

    def _compared(self, key: Key | nodes.Annotation, syntax: Syntax) -> Expression:
        children = syntax.children
        if len(children) < 3 or children[1] is None:
            return nodes.IsSet(key)
        operator, value = Operator(_token(children[1]).upper()), _token(children[2])
        if value.type == "STRING":
            return nodes.Comparison(key, operator, unquoted(value))
        number = float(value)
        if not math.isfinite(number):
            raise refusal(self._text, _offset(value), "too large, expected a number below 1.8e308")
        return nodes.Comparison(key, operator, number)

    def _at_trace_level(self, keyword: object, scope: Scope) -> None:
        if scope is not Scope.TRACE:
            raise self._misplaced(_token(keyword), (Scope.TRACE.value,))

    def _misplaced(self, token: Token, places: tuple[str, ...]) -> Exception:
        if places == (Scope.TRACE.value,):
            why = f"'{token}' stands outside of {{...}} only"
        else:
            why = f"'{token}' can't stand here, expected it in {listed(places)}"
        return refusal(self._text, _offset(token), why, places)


_BUILD: dict[str, Callable[[_Builder, Syntax, Scope, int], Expression]] = {
    "and_": _Builder.all_of,
    "or_": _Builder.any_of,
    "not_": _Builder.negation,
    "boolean": _Builder.boolean,
    "comparison": _Builder.comparison,
    "annotation": _Builder.annotation,
    "service": _Builder.service,
    "edge": _Builder.edge,
    "root_cause": _Builder.root_cause,
    "root_cause_json": _Builder.root_cause_json,
    "group": _Builder.group,
}


_JOINTS = {"and_", "or_", "not_"}


def _tree(part: object) -> Syntax:
    assert isinstance(part, Tree)  # noqa: S101 - the grammar has it
    return part


def _token(part: object) -> Token:
    assert isinstance(part, Token)  # noqa: S101 - the grammar has it
    return part


def _offset(part: Token | Syntax) -> int:
    while isinstance(part, Tree):
        part = next(child for child in part.children if child is not None)
    return part.start_pos or 0
