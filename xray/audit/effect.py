"""What a group's filter does to given traces, and which parts of it none of them meets."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xray.filters import Expression, GroupVersion, evaluate, parse, to_text
from xray.filters import tree as nodes
from xray.filters.keys import Key, Operator
from xray.traces.facts import TraceFacts

# The versions of groups that are the present ones.
_NOW = math.inf


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """How many of `total` traces a filter matches.

    `unmet` are the smallest parts of the filter, as it would be written, that none of the traces meets; where
    each part is met by some trace and the whole by none, it is the whole.
    """

    matched: int
    total: int
    unmet: tuple[str, ...]


def group_effect(
    expression: Expression | str,
    traces: Iterable[TraceFacts],
    groups: Mapping[str, Sequence[GroupVersion]] | None = None,
) -> GroupEffect:
    """Return what a filter does to `traces`.

    Raises FilterError for a text that is no expression, and for a filter that names another group than
    `groups` (`GroupError`): which traces that one takes isn't known here.
    """
    tree = parse(expression) if isinstance(expression, str) else expression
    every = list(traces)
    matched = sum(evaluate(tree, facts, received_at=_NOW, groups=groups) for facts in every)
    unmet = dict.fromkeys(_unmet(tree, every, groups)) if every else ()
    return GroupEffect(matched, len(every), tuple(unmet))


def _unmet(
    tree: Expression, traces: Sequence[TraceFacts], groups: Mapping[str, Sequence[GroupVersion]] | None
) -> list[str]:
    if isinstance(tree, nodes.And | nodes.Or):
        parts = [text for term in tree.terms for text in _unmet(term, traces, groups)]
        if parts:
            return parts
    is_met = any(evaluate(tree, facts, received_at=_NOW, groups=groups) for facts in traces)
    return [] if is_met else [to_text(tree)]


def is_of_others(expression: Expression, service_name: str) -> bool:
    """Tell whether a filter that no trace met is for other services, or for all but this one.

    So it is where what it needs names services, this one not among them, or leaves this one out. What
    depends on what is requested (`user`, `http.status`, annotations) is neither. Expects a filter whose
    groups are resolved; one that isn't says nothing.
    """
    match expression:
        case nodes.And(terms):
            return any(is_of_others(term, service_name) for term in terms)
        case nodes.Or(terms):
            return all(is_of_others(term, service_name) for term in terms)
        case nodes.Member(versions):
            inner = [one for _, _, one in versions]
            return all(one is not None and is_of_others(one, service_name) for one in inner)
        case nodes.Not(term):
            return _takes_all_of(term, service_name)
    names = service_names(expression)
    return bool(names) and service_name not in names


def _takes_all_of(expression: Expression, service_name: str) -> bool:
    """Tell whether every trace of the service's meets it."""
    match expression:
        case nodes.And(terms):
            return all(_takes_all_of(term, service_name) for term in terms)
        case nodes.Or(terms):
            return any(_takes_all_of(term, service_name) for term in terms)
        case nodes.Not(term):
            return is_of_others(term, service_name)
    return expression == nodes.Service(nodes.Selector(service_name))


def service_names(expression: Expression) -> tuple[str, ...]:
    """Return the names of services that a filter asks for, each once, in their order; negated ones too.

    That is `service("name")`, both ends of an `edge`, and `name = "name"`.
    """
    return tuple(dict.fromkeys(_names(expression)))


def _names(tree: Expression | None) -> Iterable[str]:
    match tree:
        case nodes.And(terms) | nodes.Or(terms):
            for term in terms:
                yield from _names(term)
        case nodes.Not(term):
            yield from _names(term)
        case nodes.Service(selector, body):
            yield from _selected(selector)
            yield from _names(body)
        case nodes.Edge(source, destination, body):
            yield from (*_selected(source), *_selected(destination))
            yield from _names(body)
        case nodes.Comparison(Key.NAME, Operator.EQUAL, str(name)):
            yield name


def _selected(selector: nodes.Selector) -> Iterable[str]:
    return () if selector.name is None else (selector.name,)
