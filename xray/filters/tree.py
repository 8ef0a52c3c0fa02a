"""A filter expression as a tree: immutable, comparable, hashable.

AND and OR hold all their terms side by side, so that a long chain is no deep tree; the functions `all_of`
and `any_of` see to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xray.filters.cause_json import Pattern
    from xray.filters.keys import CauseKind, CausePart, GroupKey, Key, Operator


@dataclass(frozen=True, slots=True)
class Annotation:
    """The keyword `annotation.<name>`; names differ by case."""

    name: str


@dataclass(frozen=True, slots=True)
class And:
    """Every one of two terms or more holds; none of them is an And."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of two terms or more holds; none of them is an Or."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The term doesn't hold."""

    term: Expression


@dataclass(frozen=True, slots=True)
class IsSet:
    """A bare keyword: it has a value; a boolean has the value true."""

    key: Key | Annotation


@dataclass(frozen=True, slots=True)
class IsBoolean:
    """A keyword has this boolean value; `ok != true` is read as `ok = false`."""

    key: Key | Annotation
    value: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A keyword compared with a number or a text."""

    key: Key | Annotation
    operator: Operator
    value: float | str


@dataclass(frozen=True, slots=True)
class Selector:
    """Which services: those of which everything that isn't None is equal; with three None any service."""

    name: str | None = None
    type: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the trace is among the selected, and the body holds for it."""

    selector: Selector
    body: Expression | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """One call goes from a service selected by `source` to one selected by `destination`; `body` holds.

    Either both select by something or both are any service: the language has no word for one of them any.
    Raises ValueError for others.
    """

    source: Selector
    destination: Selector
    body: Expression | None = None

    def __post_init__(self) -> None:
        if (self.source == Selector()) != (self.destination == Selector()):
            raise ValueError("an edge is between two services that are told, or between any two")


@dataclass(frozen=True, slots=True)
class RootCause:
    """The body holds for one element of one of the trace's root causes."""

    kind: CauseKind
    part: CausePart
    body: Expression


@dataclass(frozen=True, slots=True)
class RootCauseJson:
    """Each pattern matches one of the trace's root causes, of any kind; `equal` is False for `!=`."""

    equal: bool
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The trace belongs to a group; `equal` is False for `!=`."""

    key: GroupKey
    value: str
    equal: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """What a Group becomes once its versions are known: the trace arrived in the time of a version, and its
    expression, None for a group of all traces, holds. Nothing that is written reads as this.
    """

    versions: tuple[tuple[float, float | None, Expression | None], ...]


Expression = (
    And
    | Or
    | Not
    | IsSet
    | IsBoolean
    | Comparison
    | Service
    | Edge
    | RootCause
    | RootCauseJson
    | Group
    | Member
)


def all_of(terms: Iterable[Expression]) -> Expression:
    """Return the terms joined by AND. Raises ValueError where there are none."""
    flat = [part for term in terms for part in (term.terms if isinstance(term, And) else (term,))]
    if not flat:
        raise ValueError("AND of no terms: give one or more")
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(terms: Iterable[Expression]) -> Expression:
    """Return the terms joined by OR. Raises ValueError where there are none."""
    flat = [part for term in terms for part in (term.terms if isinstance(term, Or) else (term,))]
    if not flat:
        raise ValueError("OR of no terms: give one or more")
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
