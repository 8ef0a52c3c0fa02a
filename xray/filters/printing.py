"""Tree to text, normalised: keywords as documented, AND written out, no parentheses that change nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from xray.filters import tree as nodes
from xray.filters.cause_json import Pattern
from xray.filters.strings import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from xray.filters.cause_json import Value
    from xray.filters.keys import Key
    from xray.filters.tree import Expression

_PLAIN_ANNOTATION = re.compile(r"[A-Za-z0-9_]+")
_EXACT_IN_DOUBLE = 2**53


def to_text(tree: Expression) -> str:
    """Return an expression that reads as the tree: `parse(to_text(tree)) == tree`.

    AND written out makes it longer than what was read may have been; beyond `TEXT_MAX_CHARACTERS` it can't
    be read again. Raises TypeError for a tree whose groups were replaced by their versions.
    """
    return _PRINT[type(tree)](tree)


def key_text(key: Key | nodes.Annotation) -> str:
    """Return a keyword as it is written."""
    if isinstance(key, nodes.Annotation):
        plain = _PLAIN_ANNOTATION.fullmatch(key.name)
        return f"annotation.{key.name}" if plain else f"annotation[{key.name}]"
    return key.value


def number_text(number: float) -> str:
    """Return a number as it is written: whole ones without a point."""
    whole = number.is_integer() and abs(number) < _EXACT_IN_DOUBLE
    return str(int(number)) if whole else repr(number)


def _and(tree: nodes.And) -> str:
    return " AND ".join(_inside(term, nodes.Or) for term in tree.terms)


def _or(tree: nodes.Or) -> str:
    return " OR ".join(to_text(term) for term in tree.terms)


def _not(tree: nodes.Not) -> str:
    return f"!{_inside(tree.term, nodes.And, nodes.Or)}"


def _inside(tree: Expression, *looser: type) -> str:
    text = to_text(tree)
    return f"({text})" if isinstance(tree, looser) else text


def _is_set(tree: nodes.IsSet) -> str:
    return key_text(tree.key)


def _is_boolean(tree: nodes.IsBoolean) -> str:
    return f"{key_text(tree.key)} = {str(tree.value).lower()}"


def _comparison(tree: nodes.Comparison) -> str:
    value = quoted(tree.value) if isinstance(tree.value, str) else number_text(tree.value)
    return f"{key_text(tree.key)} {tree.operator} {value}"


def _service(tree: nodes.Service) -> str:
    return f"service({_selector(tree.selector)}){_body(tree.body)}"


def _edge(tree: nodes.Edge) -> str:
    ends = ", ".join(filter(None, (_selector(tree.source), _selector(tree.destination))))
    return f"edge({ends}){_body(tree.body)}"


def _selector(selector: nodes.Selector) -> str:
    if selector.name is not None and selector.type is None and selector.account_id is None:
        return quoted(selector.name)
    pairs = (("name", selector.name), ("type", selector.type), ("account.id", selector.account_id))
    given = ", ".join(f"{key}: {quoted(value)}" for key, value in pairs if value is not None)
    return f"id({given})" if given else ""


def _body(body: Expression | None) -> str:
    return "" if body is None else f" {{{to_text(body)}}}"


def _root_cause(tree: nodes.RootCause) -> str:
    return f"rootcause.{tree.kind}.{tree.part}{_body(tree.body)}"


def _root_cause_json(tree: nodes.RootCauseJson) -> str:
    array = json.dumps([_plain(pattern) for pattern in tree.patterns])
    return f"rootcause.json {'=' if tree.equal else '!='} #{array}"


def _plain(value: Value | Pattern) -> object:
    if isinstance(value, Pattern):
        return {name: _plain(inner) for name, inner in value.members}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def _group(tree: nodes.Group) -> str:
    return f"{tree.key} {'=' if tree.equal else '!='} {quoted(tree.value)}"


def _member(tree: nodes.Member) -> str:
    raise TypeError(f"{type(tree).__name__} can't be written: print the tree before its groups are replaced")


_PRINT: dict[type, Callable[..., str]] = {
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
    nodes.IsSet: _is_set,
    nodes.IsBoolean: _is_boolean,
    nodes.Comparison: _comparison,
    nodes.Service: _service,
    nodes.Edge: _edge,
    nodes.RootCause: _root_cause,
    nodes.RootCauseJson: _root_cause_json,
    nodes.Group: _group,
    nodes.Member: _member,
}
