"""Trees, and versions of groups, made at random from a seed.

Hypothesis gives the seed. Drawing every member by it would be slow, and its liking for the smallest values
would leave most traces empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.xray.filters.values import ACCOUNTS, ANNOTATION_KEYS, ARN, GROUPS, NUMBERS, TEXTS, TIMES, TYPES
from xray.filters import GroupVersion
from xray.filters import tree as nodes
from xray.filters.cause_json import MEMBERS, Pattern, Shape
from xray.filters.keys import KINDS, CauseKind, CausePart, GroupKey, Key, Kind, Operator
from xray.filters.scopes import ANNOTATED, FIELDS, Scope
from xray.traces.facts import CLIENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from xray.filters.tree import Expression

_NUMBER_OPERATORS = [operator for operator in Operator if operator[0] in "=!<>"]
_TEXT_OPERATORS = [operator for operator in Operator if operator[0] not in "<>"]
_CAUSE_SCOPES = {
    CausePart.SERVICE: Scope.CAUSE_SERVICE,
    CausePart.ENTITY: Scope.CAUSE_ENTITY,
    CausePart.EXCEPTION: Scope.CAUSE_EXCEPTION,
}


class Trees:
    """Makes trees."""

    def __init__(self, random: Random, *, groups: bool = False) -> None:
        self._random = random
        self._groups = groups

    def tree(self, levels: int = 2) -> Expression:
        """A tree as parse gives it."""
        return self._joined(self._term, levels)

    def _joined(self, one: Callable[[], Expression], levels: int) -> Expression:
        choice = self._random.random()
        if levels == 0 or choice < 0.4:
            return one()
        if choice < 0.6:
            return nodes.Not(self._joined(one, levels - 1))
        terms = [self._joined(one, levels - 1) for _ in range(self._random.randint(2, 3))]
        return nodes.all_of(terms) if choice < 0.8 else nodes.any_of(terms)

    def _term(self) -> Expression:
        random = self._random
        match random.choice(["key", "service", "edge", "cause", "json", "group" if self._groups else "key"]):
            case "service":
                return nodes.Service(self._selector(random.random() < 0.3), self._body(Scope.SERVICE))
            case "edge":
                anywhere = random.random() < 0.3
                ends = self._selector(anywhere), self._selector(anywhere)
                return nodes.Edge(*ends, self._body(Scope.EDGE))
            case "cause":
                part = random.choice(list(CausePart))
                body = self._joined(lambda: self._condition(_CAUSE_SCOPES[part]), 1)
                return nodes.RootCause(random.choice(list(CauseKind)), part, body)
            case "json":
                count = random.choice([1, 1, 1, 2])
                patterns = dict.fromkeys(self._pattern(Shape.CAUSES) for _ in range(count))
                return nodes.RootCauseJson(random.random() < 0.7, tuple(patterns))
            case "group":
                name = random.choice(GROUPS)
                key = GroupKey.ARN if name == ARN else GroupKey.NAME
                return nodes.Group(key, name, random.random() < 0.7)
            case _:
                return self._condition(Scope.TRACE)

    def _body(self, scope: Scope) -> Expression | None:
        return self._joined(lambda: self._condition(scope), 1) if self._random.random() < 0.8 else None

    def _condition(self, scope: Scope) -> Expression:
        random = self._random
        key: Key | nodes.Annotation = random.choice(list(FIELDS[scope]))
        if scope in ANNOTATED and random.random() < 0.3:
            key = nodes.Annotation(random.choice(ANNOTATION_KEYS))
        kind = random.choice(list(Kind)) if isinstance(key, nodes.Annotation) else KINDS[key]
        if random.random() < 0.25:
            return nodes.IsSet(key)
        if kind is Kind.BOOLEAN:
            return nodes.IsBoolean(key, random.random() < 0.5)
        if kind is Kind.NUMBER:
            return nodes.Comparison(key, random.choice(_NUMBER_OPERATORS), random.choice(NUMBERS))
        texts = {Key.TYPE: TYPES, Key.ACCOUNT_ID: ACCOUNTS}.get(key, TEXTS) if isinstance(key, Key) else TEXTS
        return nodes.Comparison(key, random.choice(_TEXT_OPERATORS), random.choice(texts))

    def _selector(self, anywhere: bool) -> nodes.Selector:
        if anywhere:
            return nodes.Selector()
        random = self._random
        match random.choice(["name", "name", "type", "account", "all"]):
            case "name":
                return nodes.Selector(name=random.choice(TEXTS[:3]))
            case "type":
                return nodes.Selector(type=random.choice((*TYPES, CLIENT_TYPE)))
            case "account":
                return nodes.Selector(account_id=random.choice(ACCOUNTS))
            case _:
                return nodes.Selector(random.choice(TEXTS[:2]), random.choice(TYPES), random.choice(ACCOUNTS))

    def _pattern(self, shape: Shape) -> Pattern:
        chance = 0.7 if len(MEMBERS[shape]) == 2 else 0.3
        return Pattern(
            tuple(
                (member.name, self._value(member.shape))
                for member in MEMBERS[shape]
                if self._random.random() < chance
            )
        )

    def _value(self, shape: Shape) -> Any:
        random = self._random
        if shape in MEMBERS:
            return tuple(self._pattern(shape) for _ in range(random.randint(0, 2)))
        match shape:
            case Shape.TEXTS:
                return tuple(random.choice(TEXTS[:2]) for _ in range(random.choice([0, 1, 1, 1, 2])))
            case Shape.ACCOUNT:
                return random.choice([None, *ACCOUNTS])
            case Shape.NUMBER:
                return random.choice(NUMBERS)
            case Shape.BOOLEAN:
                return random.random() < 0.5
            case Shape.NULLABLE_TEXT:
                return random.choice([None, *TEXTS[:2], *TYPES])
            case _:
                return random.choice(TEXTS[:3])


def group_versions(random: Random) -> dict[str, list[GroupVersion]]:
    """Versions of all groups; none of their expressions names a group."""
    return {
        name: [
            GroupVersion(
                random.choice(TIMES),
                random.choice([None, *TIMES]),
                random.choice([None, Trees(random).tree(1), Trees(random).tree(1)]),
            )
            for _ in range(random.randint(0, 2))
        ]
        for name in GROUPS
    }
