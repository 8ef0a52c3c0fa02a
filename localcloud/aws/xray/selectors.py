"""Entity selectors of GetTimeSeriesServiceStatistics: `id(...)`, `service(...)` or `edge(...)`.

Source: the X-Ray API, EntitySelectorExpression. They are read as the filter expressions that they are parts
of; `id(...)` is short for a service with that id.
"""

import re
from dataclasses import dataclass

from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.store.sql import Fragment, Sql
from xray.filters import Expression, FilterError, parse, to_sql
from xray.filters.errors import refusal
from xray.filters.tree import Edge, Selector, Service

_ID = re.compile(r"\s*id\s*\(", re.IGNORECASE)
_BEFORE_ID = "service("
_NOT_ONE = "EntitySelectorExpression must be one id(...), service(...) or edge(...)"


@dataclass(frozen=True, slots=True)
class Selected:
    """Services, or else edges, that meet a condition; `by_id` where an id names them."""

    services: bool
    by_id: bool
    condition: Fragment


def read_selector(text: str | None) -> Selected:
    """Return what a selector selects; every edge where there is none.

    Raises:
        InvalidRequestError: it isn't one; places are those of the text.
    """
    if text is None:
        return Selected(services=False, by_id=False, condition=Sql("true"))
    by_id = _ID.match(text) is not None
    try:
        tree = _read_id(text) if by_id else parse(text)
        if isinstance(tree, Service | Edge):
            named = isinstance(tree, Service) and tree.selector != Selector()
            return Selected(isinstance(tree, Service), by_id or named, to_sql(tree))
    except FilterError as error:
        raise InvalidRequestError(str(error)) from error
    raise InvalidRequestError(_NOT_ONE)


def _read_id(text: str) -> Expression | None:
    """Return the service that an id is short for, or what else it is. Raises FilterError."""
    read = f"{_BEFORE_ID}{text}"
    try:
        return parse(f"{read})")
    except FilterError as error:
        offset = _offset(read, error)
        if offset < len(read):
            raise _of_text(text, error, offset) from error
    try:
        # not closed, so that nothing is found but what the text has
        parse(read)
    except FilterError as error:
        raise _of_text(text, error, _offset(read, error)) from error
    return None


def _is_whole(text: str) -> bool:
    try:
        parse(text)
    except FilterError:
        return False
    return True


def _offset(read: str, error: FilterError) -> int:
    lines = read.split("\n")[: (error.line or 1) - 1]
    return sum(len(line) + 1 for line in lines) + (error.position or 1) - 1


def _of_text(text: str, error: FilterError, offset: int) -> FilterError:
    """Return the error of `service(` and the text as one of the text alone."""
    read = f"{_BEFORE_ID}{text}"
    why = str(error).removeprefix(str(refusal(read, offset, "")))
    place = max(offset - len(_BEFORE_ID), 0)
    if _is_whole(f"{read[:offset]})"):
        return refusal(text, place, "nothing can follow id(...)")
    return refusal(text, place, why, error.expected)
