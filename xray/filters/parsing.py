"""Text to tree: the language's front door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xray.filters.build import build
from xray.filters.errors import FilterError, refusal
from xray.filters.syntax import read

if TYPE_CHECKING:
    from xray.filters.tree import Expression

TEXT_MAX_CHARACTERS = 16_384
"""Our own bound: X-Ray's model has none (FilterExpression is a plain string)."""


def parse(text: str) -> Expression:
    """Return the tree of a filter expression.

    Raises FilterError, and nothing else, for whatever is no expression: a text beyond TEXT_MAX_CHARACTERS,
    with NUL or half of a surrogate pair, nested beyond NESTING_MAX, with more than CONDITIONS_MAX conditions,
    or no text at all.
    """
    if not isinstance(text, str):
        raise FilterError(
            "Error Location: line 1, position 1 : Invalid input symbol: '' : "
            f"a filter expression is text, this is {type(text).__name__}",
            line=1,
            position=1,
            expected=("text",),
        )
    if len(text) > TEXT_MAX_CHARACTERS:
        why = f"the expression has {len(text)} characters, {TEXT_MAX_CHARACTERS} are allowed"
        raise refusal(text, TEXT_MAX_CHARACTERS, why)
    if "\0" in text:
        raise refusal(text, text.index("\0"), "NUL can't be in an expression, leave it out")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        why = "half of a surrogate pair can't be in an expression, leave it out"
        raise refusal(text, error.start, why) from None
    return build(text, read(text))
