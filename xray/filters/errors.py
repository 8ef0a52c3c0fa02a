"""What a filter expression is refused with, in X-Ray's form.

The form is that of a message seen from X-Ray: `Error Location: line 1, position 12 : Invalid input symbol:
'duration < '`. What was found and expected is added behind it.
"""

SHOWN_MAX_CHARACTERS = 60


class FilterError(ValueError):
    """A filter expression that can't be read, or can't be compiled.

    `line` and `position` begin at 1, `position` is that of the first character that doesn't fit, one behind
    the last where something is missing at the end; both are None where no text is at fault (see GroupError).
    `expected` is what could have stood there, in words.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        position: int | None = None,
        expected: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.line = line
        self.position = position
        self.expected = expected


class GroupError(FilterError):
    """A group that a filter names is unknown or makes it too large, or has it lead back to itself."""


def refusal(text: str, offset: int, why: str, expected: tuple[str, ...] = ()) -> FilterError:
    """Return the error for what stands at `offset` of `text`; safe to print whatever the text holds."""
    line = text.count("\n", 0, offset) + 1
    begin = text.rfind("\n", 0, offset) + 1
    position = offset - begin + 1
    seen = shown(text[max(begin, offset - SHOWN_MAX_CHARACTERS) : offset])
    return FilterError(
        f"Error Location: line {line}, position {position} : Invalid input symbol: '{seen}' : {why}",
        line=line,
        position=position,
        expected=expected,
    )


def shown(text: str) -> str:
    """Return `text` as one line that can be printed anywhere, shortened."""
    short = text if len(text) <= SHOWN_MAX_CHARACTERS else f"{text[:SHOWN_MAX_CHARACTERS]}..."
    if short.isprintable():
        return short
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in short
    )


def listed(words: tuple[str, ...]) -> str:
    """Return words as `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
