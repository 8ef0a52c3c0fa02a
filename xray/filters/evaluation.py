"""Whether an expression holds for a trace.

Of several values (annotations, users, services of a name) one is enough. Where there is no value every
comparison is false, != too, and its negation by `!` true. Texts are compared by case (not verified).
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from xray.filters import tree as nodes
from xray.filters.cause_json import matches
from xray.filters.errors import GroupError
from xray.filters.groups import resolve
from xray.filters.keys import KINDS, CauseKind, CausePart, Kind, Operator
from xray.filters.scopes import FIELDS, Element, Scope, may_be_client, takes_client
from xray.traces.facts import CLIENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from xray.filters.groups import Groups
    from xray.filters.tree import Expression
    from xray.traces.facts import Annotation, RootCause, TraceFacts

_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.UNEQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
    Operator.CONTAINS: operator.contains,
    Operator.BEGINS_WITH: str.startswith,
    Operator.ENDS_WITH: str.endswith,
}


def evaluate(
    tree: Expression, facts: TraceFacts, *, received_at: float | None = None, groups: Groups | None = None
) -> bool:
    """Tell whether a trace matches.

    `received_at` (epoch seconds) is when the trace arrived; only groups ask for it. Raises GroupError for
    a group that `resolve` refuses, or where the time is not given.
    """
    return _Evaluation(facts, received_at).holds(resolve(tree, groups), Scope.TRACE, facts)


class _Evaluation:
    """Of one trace; `subject` is what the scope looks at."""

    def __init__(self, facts: TraceFacts, received_at: float | None) -> None:
        self._facts = facts
        self._received_at = received_at

    def holds(self, tree: Expression, scope: Scope, subject: Any) -> bool:
        return _EVALUATE[type(tree)](self, tree, scope, subject)

    def all_of(self, tree: nodes.And, scope: Scope, subject: Any) -> bool:
        return all(self.holds(term, scope, subject) for term in tree.terms)

    def any_of(self, tree: nodes.Or, scope: Scope, subject: Any) -> bool:
        return any(self.holds(term, scope, subject) for term in tree.terms)

    def negation(self, tree: nodes.Not, scope: Scope, subject: Any) -> bool:
        return not self.holds(tree.term, scope, subject)

    def is_set(self, tree: nodes.IsSet, scope: Scope, subject: Any) -> bool:
        key = tree.key
        if isinstance(key, nodes.Annotation):
            return any(found.flag is not False for found in _annotations(key, subject))
        values = self._values(tree.key, scope, subject)
        return any(values) if KINDS[key] is Kind.BOOLEAN else any(True for _ in values)

    def is_boolean(self, tree: nodes.IsBoolean, scope: Scope, subject: Any) -> bool:
        key = tree.key
        if isinstance(key, nodes.Annotation):
            return any(found.flag is tree.value for found in _annotations(key, subject))
        return any(self._values(key, scope, subject)) is tree.value

    def comparison(self, tree: nodes.Comparison, scope: Scope, subject: Any) -> bool:
        compare, wanted = _COMPARE[tree.operator], tree.value
        return any(compare(value, wanted) for value in self._compared(tree, scope, subject))

    def service(self, tree: nodes.Service, scope: Scope, subject: Any) -> bool:
        del scope, subject
        body = tree.body
        return any(
            _selected(tree.selector, service.name, service.type, service.account_id)
            and (body is None or self.holds(body, Scope.SERVICE, service))
            for service in self._facts.services
        ) or (
            may_be_client(tree)
            and any(
                edge.source_type == CLIENT_TYPE
                and _selected(tree.selector, edge.source_name, edge.source_type, edge.source_account_id)
                for edge in self._facts.edges
            )
        )

    def edge(self, tree: nodes.Edge, scope: Scope, subject: Any) -> bool:
        del scope, subject
        body, clients_too = tree.body, takes_client(tree.source)
        return any(
            (clients_too or edge.source_type != CLIENT_TYPE)
            and _selected(tree.source, edge.source_name, edge.source_type, edge.source_account_id)
            and _selected(tree.destination, edge.name, edge.type, edge.account_id)
            and (body is None or self.holds(body, Scope.EDGE, edge))
            for edge in self._facts.edges
        )

    def root_cause(self, tree: nodes.RootCause, scope: Scope, subject: Any) -> bool:
        del scope, subject
        scope, elements = _PARTS[tree.part]
        return any(
            self.holds(tree.body, scope, element)
            for cause in self._causes(tree.kind)
            for element in elements(cause)
        )

    def root_cause_json(self, tree: nodes.RootCauseJson, scope: Scope, subject: Any) -> bool:
        del scope, subject
        causes = [cause for kind in CauseKind for cause in self._causes(kind)]
        found = all(any(matches(pattern, cause) for cause in causes) for pattern in tree.patterns)
        return found if tree.equal else bool(causes) and not found

    def member(self, tree: nodes.Member, scope: Scope, subject: Any) -> bool:
        at = self._received_at
        if at is None:
            raise GroupError("whether a trace is of a group depends on when it arrived: give received_at")
        return any(
            since <= at
            and (until is None or at < until)
            and (inner is None or self.holds(inner, scope, subject))
            for since, until, inner in tree.versions
        )

    def _values(self, key: Any, scope: Scope, subject: Any) -> Iterator[Any]:
        field = FIELDS[scope][key]
        subjects: Iterable[Any] = self._facts.services if field.of_services else (subject,)
        for one in subjects:
            value = field.read(one)
            if value is not None:
                yield value

    def _compared(self, tree: nodes.Comparison, scope: Scope, subject: Any) -> Iterable[Any]:
        if not isinstance(tree.key, nodes.Annotation):
            return self._values(tree.key, scope, subject)
        values = _annotations(tree.key, subject)
        if isinstance(tree.value, str):
            return (found.text for found in values if found.text is not None)
        return (found.number for found in values if found.number is not None)

    def _causes(self, kind: CauseKind) -> tuple[RootCause, ...]:
        match kind:
            case CauseKind.FAULT:
                return self._facts.fault_causes
            case CauseKind.ERROR:
                return self._facts.error_causes
            case CauseKind.RESPONSE_TIME:
                return self._facts.response_time_causes


def _annotations(key: nodes.Annotation, subject: Any) -> Iterator[Annotation]:
    return (found for found in subject.annotations if found.key == key.name)


def _selected(selector: nodes.Selector, name: str, kind: str | None, account_id: str | None) -> bool:
    return (
        (selector.name is None or selector.name == name)
        and (selector.type is None or selector.type == kind)
        and (selector.account_id is None or selector.account_id == account_id)
    )


def _services(cause: RootCause) -> list[Element]:
    return _elements([(service, False) for service in cause.services])


def _entities(cause: RootCause) -> list[Element]:
    return _elements(
        [(entity, entity.remote) for service in cause.services for entity in service.entity_path]
    )


def _exceptions(cause: RootCause) -> list[Element]:
    return _elements(
        [
            (exception, entity.remote)
            for service in cause.services
            for entity in service.entity_path
            for exception in entity.exceptions
        ]
    )


def _elements(found: list[tuple[Any, bool]]) -> list[Element]:
    last = len(found) - 1
    return [Element(value, place, place == last, remote) for place, (value, remote) in enumerate(found)]


_PARTS: dict[CausePart, tuple[Scope, Callable[[RootCause], list[Element]]]] = {
    CausePart.SERVICE: (Scope.CAUSE_SERVICE, _services),
    CausePart.ENTITY: (Scope.CAUSE_ENTITY, _entities),
    CausePart.EXCEPTION: (Scope.CAUSE_EXCEPTION, _exceptions),
}

_EVALUATE: dict[type, Callable[..., bool]] = {
    nodes.And: _Evaluation.all_of,
    nodes.Or: _Evaluation.any_of,
    nodes.Not: _Evaluation.negation,
    nodes.IsSet: _Evaluation.is_set,
    nodes.IsBoolean: _Evaluation.is_boolean,
    nodes.Comparison: _Evaluation.comparison,
    nodes.Service: _Evaluation.service,
    nodes.Edge: _Evaluation.edge,
    nodes.RootCause: _Evaluation.root_cause,
    nodes.RootCauseJson: _Evaluation.root_cause_json,
    nodes.Member: _Evaluation.member,
}
