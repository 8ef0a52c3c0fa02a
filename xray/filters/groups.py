"""`group.name` and `group.arn`: the group's filter in place of its name.

A group's filter, and a change of it, counts for traces that arrive later (devguide/xray-console-groups.html).
So a trace belongs to a group if it arrived in the time of one of its versions and that one's filter holds.

What a stored filter names may be gone since, or lead back to it: such a group holds nothing there, as what is
no longer included. Whoever makes or changes a group asks `require_sound` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xray.filters import tree as nodes
from xray.filters.build import CONDITIONS_MAX, NESTING_MAX
from xray.filters.errors import GroupError, shown
from xray.filters.keys import GroupKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xray.filters.tree import Expression

_OF_ARNS = ":group/"


class GroupVersion(NamedTuple):
    """A group's filter from one time (included) to another (not included), in epoch seconds.

    `valid_until` is None for the present one, `expression` for a group of all traces.
    """

    valid_from: float
    valid_until: float | None
    expression: Expression | None


if TYPE_CHECKING:
    Groups = Mapping[str, Sequence[GroupVersion]]
    """The versions of each group, by its name and, the same object again, by its ARN."""
    _Versions = Sequence[tuple[float, float | None, Expression | None]]
    _Path = tuple[_Versions, ...]


def has_groups(tree: Expression) -> bool:
    """Tell whether a tree names a group, be it in the filter of another."""
    match tree:
        case nodes.Group():
            return True
        case nodes.And(terms) | nodes.Or(terms):
            return any(has_groups(term) for term in terms)
        case nodes.Not(term):
            return has_groups(term)
        case nodes.Member(versions):
            return any(inner is not None and has_groups(inner) for _, _, inner in versions)
        case _:
            return False


def resolve(tree: Expression, groups: Groups | None) -> Expression:
    """Return the tree with each Group replaced by what its versions ask for.

    A group that a version names and that is unknown, or leads back to that version, holds nothing. Raises
    GroupError for one that the tree itself names and that is unknown, and where the filter becomes larger
    than CONDITIONS_MAX or deeper than NESTING_MAX.
    """
    return _Resolution(groups or {}).resolved(tree, (), 1) if has_groups(tree) else tree


def require_sound(tree: Expression, names: Sequence[str], groups: Groups | None) -> None:
    """Raise GroupError where a group that is called `names` (its name, and its ARN if it has one) can't have
    this filter from now on: it leads back to the group, names one that is unknown, or becomes too large.
    """
    others = {name: versions for name, versions in (groups or {}).items() if name not in names}
    own = [GroupVersion(0.0, None, tree)]
    resolve(tree, {**others, **dict.fromkeys(names, own)})
    present = {
        name: [inner for _, until, inner in versions if until is None and inner is not None]
        for name, versions in others.items()
    }
    ways: list[tuple[Expression, tuple[str, ...]]] = [(tree, (names[0],))]
    seen: set[str] = set()
    while ways:
        expression, path = ways.pop()
        for name in group_names(expression):
            if name in names:
                circle = " -> ".join(shown(one) for one in (*path, name))
                raise GroupError(f"a group's filter leads back to itself: {circle}")
            if name not in seen:
                seen.add(name)
                ways += [(inner, (*path, name)) for inner in present.get(name, ())]


def group_names(tree: Expression) -> Iterator[str]:
    """Yield the names and ARNs of the groups that a tree names, in their order."""
    match tree:
        case nodes.Group(_, name):
            yield name
        case nodes.And(terms) | nodes.Or(terms):
            for term in terms:
                yield from group_names(term)
        case nodes.Not(term):
            yield from group_names(term)
        case nodes.Member(versions):
            for _, _, inner in versions:
                yield from () if inner is None else group_names(inner)


class _Resolution:
    """One filter's; counts what it grows to."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._conditions = 0

    def resolved(self, tree: Expression, path: _Path, level: int) -> Expression:
        """Return *tree*, which stands `level` deep in the groups on *path*, told by their versions."""
        if level > NESTING_MAX:
            raise GroupError(f"with its groups' filters this is nested more than {NESTING_MAX} levels deep")
        match tree:
            case nodes.And(terms):
                return nodes.all_of(self.resolved(term, path, level + 1) for term in terms)
            case nodes.Or(terms):
                return nodes.any_of(self.resolved(term, path, level + 1) for term in terms)
            case nodes.Not(term):
                return nodes.Not(self.resolved(term, path, level + 1))
            case nodes.Group():
                member = self._member(tree, path, level)
                return member if tree.equal else nodes.Not(member)
            case nodes.Member(versions):
                return self._with_versions(versions, path, level)
            case nodes.Service(_, body) | nodes.Edge(_, _, body) | nodes.RootCause(_, _, body):
                self._count(1 if body is None else 1 + _conditions(body), level + _levels(body))
        self._count(1, level)
        return tree

    def _member(self, group: nodes.Group, path: _Path, level: int) -> nodes.Member:
        name = group.value
        is_arn = _OF_ARNS in name
        versions: _Versions = self._groups.get(name, ())
        if name not in self._groups or is_arn != (group.key is GroupKey.ARN):
            if not path:
                raise GroupError(f'there is no group with {group.key} = "{shown(name)}"')
            versions = ()
        # A group has the same versions by its name and by its ARN.
        return self._with_versions(() if any(one is versions for one in path) else versions, path, level)

    def _with_versions(self, versions: _Versions, path: _Path, level: int) -> nodes.Member:
        self._count(1, level)
        path = (*path, versions)
        return nodes.Member(
            tuple(
                (since, until, None if inner is None else self.resolved(inner, path, level + 2))
                for since, until, inner in versions
            )
        )

    def _count(self, conditions: int, level: int) -> None:
        self._conditions += conditions
        if self._conditions > CONDITIONS_MAX:
            raise GroupError(f"with its groups' filters this has more than {CONDITIONS_MAX} conditions")
        if level > NESTING_MAX:
            raise GroupError(f"with its groups' filters this is nested more than {NESTING_MAX} levels deep")


def _conditions(tree: Expression) -> int:
    match tree:
        case nodes.And(terms) | nodes.Or(terms):
            return sum(_conditions(term) for term in terms)
        case nodes.Not(term):
            return _conditions(term)
        case _:
            return 1


def _levels(tree: Expression | None) -> int:
    match tree:
        case None:
            return 0
        case nodes.And(terms) | nodes.Or(terms):
            return 1 + max(_levels(term) for term in terms)
        case nodes.Not(term):
            return 1 + _levels(term)
        case _:
            return 1
