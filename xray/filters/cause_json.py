"""The patterns of `rootcause.json`: a root cause of a trace summary, members left out where they don't count.

Source: devguide/xray-api-gettingdata.html, "Retrieving and refining root cause analytics": every member
that is given must be equal, one that is left out is a wildcard. That lists must have the same length, is
how we read "exact".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from xray.traces.facts import RootCause

ACCOUNT_ID_DIGITS = 12


class Shape(Enum):
    """What a member's value is. NULLABLE_TEXT and ACCOUNT may be null, which an absent value equals."""

    TEXT = "a text in double quotes"
    NULLABLE_TEXT = "a text in double quotes or null"
    TEXTS = "a list of texts"
    ACCOUNT = "an account id or null"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    CAUSES = "a list of root causes"
    SERVICES = "a list of services"
    ENTITIES = "a list of entities"
    EXCEPTIONS = "a list of exceptions"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: its name in the JSON, its value's shape, and where facts hold it.

    `read` takes the fact's value, `sql` follows the SQL expression of the object.
    """

    name: str
    shape: Shape
    read: Callable[[Any], Any]
    sql: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """An object of a pattern: the members given, by name, in the order of MEMBERS.

    A list of objects is a tuple of patterns, a list of texts a tuple of texts, an account id its twelve
    digits.
    """

    members: tuple[tuple[str, Value], ...]


Value = str | float | bool | None | tuple["Pattern", ...] | tuple[str, ...]

MEMBERS: dict[Shape, tuple[Member, ...]] = {
    Shape.CAUSES: (
        Member("Services", Shape.SERVICES, lambda cause: cause.services, ".services"),
        Member("ClientImpacting", Shape.BOOLEAN, lambda cause: cause.client_impacting, ".client_impacting"),
    ),
    Shape.SERVICES: (
        Member("Name", Shape.TEXT, lambda service: service.name, '."name"'),
        Member("Names", Shape.TEXTS, lambda service: (service.name,), '."name"'),
        Member("Type", Shape.NULLABLE_TEXT, lambda service: service.type, '."type"'),
        Member("AccountId", Shape.ACCOUNT, lambda service: service.account_id, ".account_id"),
        Member("Inferred", Shape.BOOLEAN, lambda service: service.inferred, ".inferred"),
        Member("EntityPath", Shape.ENTITIES, lambda service: service.entity_path, ".entity_path"),
    ),
    Shape.ENTITIES: (
        Member("Name", Shape.TEXT, lambda entity: entity.name, '."name"'),
        Member("Coverage", Shape.NUMBER, lambda entity: entity.coverage, ".coverage"),
        Member("Remote", Shape.BOOLEAN, lambda entity: entity.remote, ".remote"),
        Member("Exceptions", Shape.EXCEPTIONS, lambda entity: entity.exceptions, ".exceptions"),
    ),
    Shape.EXCEPTIONS: (
        Member("Name", Shape.NULLABLE_TEXT, lambda exception: exception.name, '."name"'),
        Member("Message", Shape.NULLABLE_TEXT, lambda exception: exception.message, ".message"),
    ),
}
"""The objects that a list of each shape holds, by the API's names (TraceSummary's root causes)."""


def member_of(shape: Shape, name: str) -> Member:
    """Return a member by its name. Raises KeyError where objects of this shape have no such member."""
    for member in MEMBERS[shape]:
        if member.name == name:
            return member
    raise KeyError(name)


def matches(pattern: Pattern, cause: RootCause) -> bool:
    """Tell whether a root cause has every member of the pattern."""
    return _has_members(pattern, Shape.CAUSES, cause)


def _has_members(pattern: Pattern, shape: Shape, fact: Any) -> bool:
    for name, wanted in pattern.members:
        member = member_of(shape, name)
        found = member.read(fact)
        if member.shape in MEMBERS:
            assert isinstance(wanted, tuple)  # noqa: S101 - the shape says so
            if len(found) != len(wanted) or not all(
                isinstance(inner, Pattern) and _has_members(inner, member.shape, part)
                for inner, part in zip(wanted, found, strict=True)
            ):
                return False
        elif found != wanted:
            return False
    return True
