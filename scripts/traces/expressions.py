"""The filter expression that X-Ray is asked with: checked before X-Ray sees it, and joined with a group."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from scripts.errors import OperatorError
from scripts.output import console
from scripts.plain import plain
from xray.names import GROUP_NAME_MAX_CHARACTERS

_BEFORE_COLUMNS = 50
_BEHIND_CHARACTERS = 20


def expression(text: str, group: str) -> str:
    """Return the filter of the traces that *text*, a filter expression, and *group*, a group's name, take.

    Either may be empty. Raises OperatorError where one is wrong, after showing on stderr where *text* is.
    """
    parts = []
    if group:
        parts.append(f'group.name = "{group_name(group)}"')
    if text.strip():
        check(text)
        parts.append(f"({text.strip()})" if group else text.strip())
    return " AND ".join(parts)


def group_name(group: str) -> str:
    """Return *group*. Raises OperatorError where no group can have that name."""
    if len(group) > GROUP_NAME_MAX_CHARACTERS or not group.isprintable() or set(group) & set('"\\'):
        raise OperatorError(
            f"GROUP: {group[:60]!r} is no group's name",
            remedy=f"expected are 1 to {GROUP_NAME_MAX_CHARACTERS} characters without quotes",
        )
    return group


def check(text: str) -> None:
    """Raise OperatorError where *text* is no filter expression, after showing on stderr where it is wrong."""
    # Not at the top: most lists have no filter, and its grammar takes a tenth of a second to load.
    from xray.filters import FilterError, parse

    try:
        parse(text)
    except FilterError as error:
        if error.line is not None and error.position is not None:
            for line in pointed(text, error.line, error.position):
                console(stderr=True).print(Text(line, no_wrap=True))
        raise OperatorError(
            f"FILTER: {plain(str(error))}", remedy="correct it; docs/filters.md tells the language"
        ) from error


def pointed(text: str, line: int, position: int) -> tuple[str, str]:
    """Return line *line* of *text* about *position*, and a caret below it; both count from 1."""
    whole = text.split("\n")[line - 1]
    before, behind = whole[: position - 1], whole[position - 1 :]
    start = plain(before)
    if cell_len(start) > _BEFORE_COLUMNS:
        start = "..." + plain(before[-_BEFORE_COLUMNS:])[-_BEFORE_COLUMNS:]
    rest = plain(behind[:_BEHIND_CHARACTERS]) + ("..." if len(behind) > _BEHIND_CHARACTERS else "")
    return f"  {start}{rest}", "  " + " " * cell_len(start) + "^"
