"""An expression as Honeycomb's filters, as far as they go, and what they leave out, with the reason.

Honeycomb's filters are one flat list, joined by AND or by OR, of conditions on one event, here a span. X-Ray
looks at whole traces. So a trace's own keywords become conditions on its root span, `service(...) {...}` on
one span of that service, and what asks for two spans at once has no counterpart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from xray.filters import tree as nodes
from xray.filters.honeycomb_columns import (
    ANY_SEGMENT,
    ANY_SEGMENT_CAVEAT,
    PARENT,
    ROOT_CAVEAT,
    SAME_SPAN_CAVEAT,
    Filter,
)
from xray.filters.honeycomb_parts import NoCounterpartError, Translated, condition, edge_ends, service_name
from xray.filters.keys import Key
from xray.filters.printing import to_text
from xray.filters.tree import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xray.filters.tree import Expression

FILTERS_MAX = 100
"""Honeycomb takes so many in one query."""

_WIDER = "left out, so that more is found"
_NARROWER = "left out, so that less is found"


class Remark(NamedTuple):
    """A part of an expression, as it is written, and what is to be said about it."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoneycombFilter:
    """Filters for a Honeycomb query.

    `missing` are the parts that no filter stands for: joined by AND, more is found than asked for, by OR
    less. `approximate` are parts whose filters mean nearly the same.
    """

    filters: tuple[Filter, ...]
    combination: str
    missing: tuple[Remark, ...]
    approximate: tuple[Remark, ...]

    def to_query(self) -> dict[str, object]:
        """Return the members of a Honeycomb query: `filters`, `filter_combination`; none without filters."""
        if not self.filters:
            return {}
        return {"filters": [dict(one) for one in self.filters], "filter_combination": self.combination}


class _Span(Enum):
    """Which span of the trace a condition is about."""

    ROOT = "the root span"
    ANY = "any span"


def to_honeycomb(tree: Expression) -> HoneycombFilter:
    """Return an expression as Honeycomb's filters. Never raises for a tree that `parse` gave."""
    flat = _negations_inside(tree, negated=False)
    return _joined_by_or(flat.terms) if isinstance(flat, nodes.Or) else _joined_by_and(_terms(flat))


def _terms(tree: Expression) -> tuple[Expression, ...]:
    return tree.terms if isinstance(tree, nodes.And) else (tree,)


def _negations_inside(tree: Expression, *, negated: bool) -> Expression:
    """Return an equal tree in which only single conditions are negated."""
    match tree:
        case nodes.Not(term):
            return _negations_inside(term, negated=not negated)
        case nodes.And(terms) | nodes.Or(terms):
            inner = (_negations_inside(term, negated=negated) for term in terms)
            return all_of(inner) if isinstance(tree, nodes.And) != negated else any_of(inner)
        case nodes.IsBoolean(nodes.Annotation(), _):
            return nodes.Not(tree) if negated else tree
        case nodes.IsBoolean(key, value):
            return nodes.IsBoolean(key, value != negated)
        case _:
            return nodes.Not(tree) if negated else tree


class _Collector:
    """Gathers filters and remarks, each once, up to what Honeycomb takes."""

    def __init__(self, combination: str) -> None:
        self._combination = combination
        # By their text, as 1 equals True in Python.
        self._filters: dict[str, Filter] = {}
        self._missing: list[Remark] = []
        self._approximate: list[Remark] = []

    def add(self, part: Expression, translated: Translated) -> None:
        joined = {**self._filters, **{repr(one): one for one in translated.filters}}
        if len(joined) > FILTERS_MAX:
            self.miss(part, f"Honeycomb takes {FILTERS_MAX} filters at most")
            return
        self._filters = joined
        self._approximate += [Remark(to_text(part), caveat) for caveat in translated.caveats]

    def miss(self, part: Expression, why: str) -> None:
        effect = _WIDER if self._combination == "AND" else _NARROWER
        self._missing.append(Remark(to_text(part), f"{why}; {effect}"))

    def result(self) -> HoneycombFilter:
        return HoneycombFilter(
            tuple(self._filters.values()), self._combination, tuple(self._missing), tuple(self._approximate)
        )


def _joined_by_and(terms: Iterable[Expression]) -> HoneycombFilter:
    collector = _Collector("AND")
    taken: _Span | Expression = _Span.ANY
    kept: list[tuple[Expression, Translated]] = []
    for term in terms:
        span = _span_of(term)
        if span is not _Span.ANY and taken is not _Span.ANY and span != taken:
            collector.miss(
                term, "it is about another span than a part before it, a filter sees one at a time"
            )
            continue
        try:
            translated = _of_trace(term)
        except NoCounterpartError as error:
            collector.miss(term, str(error))
            continue
        if span is _Span.ROOT and taken is not _Span.ROOT:
            root = {"column": PARENT, "op": "does-not-exist"}
            translated = Translated((root, *translated.filters), (*translated.caveats, ROOT_CAVEAT))
        if span is not _Span.ANY:
            taken = span
        kept.append((term, translated))
    any_segment = ANY_SEGMENT_CAVEAT if len(kept) == 1 else SAME_SPAN_CAVEAT
    for term, translated in kept:
        collector.add(term, translated.with_caveat(any_segment, _span_of(term) is _Span.ANY))
    return collector.result()


def _joined_by_or(terms: Iterable[Expression]) -> HoneycombFilter:
    collector = _Collector("OR")
    for term in terms:
        try:
            translated = _of_trace(term)
        except NoCounterpartError as error:
            collector.miss(term, str(error))
            continue
        if len(translated.filters) != 1:
            several = "it needs filters joined by AND among others joined by OR"
            collector.miss(term, several if translated.filters else "it holds for every span")
            continue
        any_span = "any span of the trace, not its root span: that would need a filter joined by AND"
        span = _span_of(term)
        translated = translated.with_caveat(any_span, span is _Span.ROOT)
        collector.add(term, translated.with_caveat(ANY_SEGMENT_CAVEAT, span is _Span.ANY))
    return collector.result()


def _span_of(term: Expression) -> _Span | Expression:
    """Return the span that a term is about; one of its own is told by the term itself."""
    match term:
        case nodes.Service() | nodes.Edge():
            return term
        case nodes.IsSet(key) | nodes.IsBoolean(key, _) | nodes.Comparison(key, _, _):
            return _Span.ANY if isinstance(key, nodes.Annotation) or key in ANY_SEGMENT else _Span.ROOT
        case nodes.Not(inner):
            return _span_of(inner)
        case _:
            return _Span.ANY


def _of_trace(term: Expression) -> Translated:
    """Return the filters of a term outside of `{...}`. Raises NoCounterpartError."""
    if isinstance(term, nodes.Not) and _span_of(term) is _Span.ANY:
        _term(term)  # raises what is to be said of it anyway
        raise NoCounterpartError("a filter can't say that no span of a trace is so")
    return _term(term)


def _term(term: Expression, *, of_call: bool = False) -> Translated:
    """Return one term's filters, all of which have to hold. Raises NoCounterpartError."""
    match term:
        case nodes.Service(selector, body):
            return service_name(selector, with_body=body is not None).with_all(_body(body, of_call=False))
        case nodes.Edge(source, destination, body):
            return edge_ends(source, destination).with_all(_body(body, of_call=True))
        case nodes.Not(nodes.Service() | nodes.Edge()):
            raise NoCounterpartError("a filter can't say that no span of a trace is so")
        case nodes.RootCause() | nodes.RootCauseJson() | nodes.Not(nodes.RootCause() | nodes.RootCauseJson()):
            raise NoCounterpartError("Honeycomb knows no root causes")
        case nodes.Group() | nodes.Member() | nodes.Not(nodes.Group() | nodes.Member()):
            raise NoCounterpartError("Honeycomb knows no groups, translate the group's own filter")
        case nodes.And() | nodes.Or():
            raise NoCounterpartError(
                "AND and OR are mixed, Honeycomb joins all filters by the one or the other"
            )
        case nodes.Not(inner):
            return condition(inner, negated=True, of_call=of_call)
        case _:
            return condition(term, negated=False, of_call=of_call)


def _body(body: Expression | None, *, of_call: bool) -> Iterable[Translated]:
    if body is None:
        return ()
    terms = _terms(_negations_inside(body, negated=False))
    root = nodes.IsBoolean(Key.ROOT, value=True)
    return [
        Translated(({"column": PARENT, "op": "does-not-exist"},), (ROOT_CAVEAT,))
        if term in (root, nodes.IsSet(Key.ROOT))
        else _term(term, of_call=of_call)
        for term in terms
    ]
