"""The words of an expression (grammar: honeycombio/honeycomb-derived-column-validator, HCDC.g4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from localcloud.honeycomb.query.expressions.errors import ExpressionError

Kind = Literal["column", "number", "text", "name", "symbol", "end"]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | \$(?P<column>[\w./:=+?-]+)
  | \$(?P<quoted_column>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
  | (?P<name>[a-zA-Z][a-zA-Z0-9_]*)
  | (?P<symbol>!=|<=|>=|[!*/%+\-<>=(),])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(
    r"""\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|([abfnrtv\\'"])|(.))""",
    re.DOTALL,
)
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CHARACTER_MAX = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Token:
    """A word; `text` is what a column, text, name or symbol says, or a number's digits."""

    kind: Kind
    text: str
    position: int


def tokens(expression: str) -> Iterator[Token]:
    """Yield the words, and an `end` behind them. Raises ExpressionError for what is none."""
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            raise ExpressionError(f"unexpected {expression[position]!r}", position)
        for kind, text in match.groupdict().items():
            if text is None or kind == "space":
                continue
            if kind == "quoted_column":
                yield Token("column", _unquoted(text, position), position)
            elif kind == "text":
                yield Token("text", _unquoted(text, position), position)
            else:
                yield Token(kind, text, position)  # type: ignore[arg-type]
        position = match.end()
    yield Token("end", "", position)


def _unquoted(text: str, position: int) -> str:
    if text[0] == "`":
        return text[1:-1]

    def character(match: re.Match[str]) -> str:
        short, long, byte, octal, letter, other = match.groups()
        if letter is not None:
            return _ESCAPED.get(letter, letter)
        if other is not None:
            raise ExpressionError(f"unknown escape {match.group()!r} in a string", position)
        code = int(octal, 8) if octal is not None else int(short or long or byte, 16)
        limit = 0x7F if octal is not None or byte is not None else _CHARACTER_MAX
        if code > limit or code in _SURROGATES:
            raise ExpressionError(f"{match.group()!r} in a string is no character", position)
        return chr(code)

    return _ESCAPE.sub(character, text[1:-1])
