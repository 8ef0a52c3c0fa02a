"""What a group's filter does to given traces, and which parts of it none of them meets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xray.filters import Expression, evaluate, parse, to_text
from xray.filters import tree as nodes
from xray.filters.keys import Key, Operator
from xray.traces.facts import TraceFacts


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """How many of `total` traces a filter matches.

    `unmet` are the smallest parts of the filter, as it would be written, that none of the traces meets; where
    each part is met by some trace and the whole by none, it is the whole.
    """

    matched: int
    total: int
    unmet: tuple[str, ...]


def group_effect(expression: Expression | str, traces: Iterable[TraceFacts]) -> GroupEffect:
    """Return what a filter does to `traces`.

    Raises FilterError for a text that is no expression, and for a filter that names another group
    (`GroupError`): which traces that one takes isn't known here.
    """
    tree = parse(expression) if isinstance(expression, str) else expression
    every = list(traces)
    matched = sum(evaluate(tree, facts) for facts in every)
    return GroupEffect(matched, len(every), tuple(dict.fromkeys(_unmet(tree, every))) if every else ())


def _unmet(tree: Expression, traces: Sequence[TraceFacts]) -> list[str]:
    if isinstance(tree, nodes.And | nodes.Or):
        parts = [text for term in tree.terms for text in _unmet(term, traces)]
        if parts:
            return parts
    return [] if any(evaluate(tree, facts) for facts in traces) else [to_text(tree)]


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
