"""Asks X-Ray for the traces that a filter expression of ``queries/xray/`` matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.queries import checking
from scripts.queries.files import USER

if TYPE_CHECKING:
    from scripts.queries.files import XRayQuery

USER_MAX_CHARACTERS = 250
"""X-Ray's limit of a segment's texts."""


def expression(query: XRayQuery, user: str) -> str:
    """Return the query's filter expression, with *user* in it where it takes one.

    Raises OperatorError where a user is missing, given to a query that takes none, or can't be quoted, and
    where X-Ray would not understand the expression.
    """
    if query.takes_user and not user:
        raise OperatorError(f"{query.name} looks for one user and none is named", remedy="add USER=<user>")
    if user and not query.takes_user:
        raise OperatorError(f"{query.name} takes no USER", remedy="leave it out, or use NAME=user")
    text = query.filter.replace(USER, quoted(user)) if query.takes_user else query.filter
    check(text)
    return text


def quoted(user: str) -> str:
    """Return *user* as a filter expression's string.

    Nobody says how X-Ray escapes a quote in one, so that what needs it is refused: OperatorError. So is what
    can't be printed, and separators but for the space.
    """
    wrong = next((char for char in user if char in '"\\' or not char.isprintable()), None)
    if wrong is not None:
        raise OperatorError(
            f"USER has {wrong!a}, which can't stand in a filter expression's string",
            remedy="name a user without quotes, backslashes, control characters and separators",
        )
    if len(user) > USER_MAX_CHARACTERS:
        raise OperatorError(
            f"USER has {len(user)} characters, X-Ray keeps {USER_MAX_CHARACTERS}", remedy="name one user"
        )
    return f'"{user}"'


def check(text: str) -> None:
    """Raise OperatorError, with the place, where *text* is no filter expression."""
    wrong = checking.problem(text)
    if wrong is not None:
        raise OperatorError(wrong, remedy="correct it")
