"""Every X-Ray filter expression that the stacks and environments write out can be read.

Looked at are values of ``filter_expression``, its default in a type's ``optional(...)``, and defaults of a
variable of that name, where they are written as a text, as both sides of a condition, too. ``${...}`` inside
of the expression's own quotes stands for any name: the expression is read with a name in its place. What else
there may be (another variable, a function's result, an expression put together) is only known once it is
rendered: such places are named as not read; plan, apply and verify look at what becomes of them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools import tracked
from tools.hcl import Token, tokens
from xray.filters import FilterError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
NAME = "filter_expression"
_SUFFIXES = {".hcl", ".tf"}
ANY_NAME = "name"
_ENDS = {"\n", ",", ""}
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_BEFORE_KEYS = {"\n", ",", "{"}
_NO_EXPRESSION = {"null", "string", "any"}


@dataclass(frozen=True)
class Found:
    """A place that gives a filter expression; `text` is None where it can't be known before rendering."""

    path: Path
    line: int
    text: str | None


def files() -> list[Path]:
    """Return the project's Terraform and Terragrunt files."""
    return sorted(path for path in tracked.files() if path.suffix in _SUFFIXES)


def expressions(path: Path) -> Iterator[Found]:
    """Yield the places in a file that give a filter expression. Raises OSError for one that can't be read."""
    found = [Token(0, "\n"), *tokens(path.read_text(errors="replace")), Token(0, "")]
    for at in range(1, len(found) - 2):
        token, following = found[at], found[at + 1]
        is_key = _is_name(token) and found[at - 1].word in _BEFORE_KEYS and found[at - 1].parts is None
        if is_key and following.word in {"=", ":"} and found[at + 2].word != "=":
            yield from (Found(path, token.line, text) for text in _texts(_value(found, at + 2)))
        elif token.word == "variable" and _is_name(following):
            yield from _default(path, found, at + 2)


def _is_name(token: Token) -> bool:
    return token.word == NAME or token.parts == (NAME,)


def _default(path: Path, found: list[Token], at: int) -> Iterator[Found]:
    """Yield the default of the variable whose block begins at *at*, if it has one."""
    depth = 0
    for place in range(at, len(found) - 2):
        depth += {"{": 1, "}": -1}.get(found[place].word, 0)
        if depth == 0:
            return
        if depth == 1 and found[place].word == "default" and found[place + 1].word == "=":
            yield from (Found(path, found[place].line, text) for text in _texts(_value(found, place + 2)))
            return


def _value(found: list[Token], at: int) -> list[Token]:
    """Return the tokens of the value that begins at *at*: up to the line's end, outside of brackets."""
    depth = 0
    for end in range(at, len(found)):
        word = found[end].word
        if depth == 0 and (word in _CLOSING or (word in _ENDS and found[end].parts is None)):
            return found[at:end]
        depth += (word in _OPENING) - (word in _CLOSING)
    return found[at:-1]


def _texts(value: list[Token]) -> list[str | None]:
    """Return the expressions that a value may be, None for one that isn't known; none for null and types."""
    value = [token for token in value if token.word != "\n"]
    if len(value) == 1 and value[0].parts is not None:
        return [_text(value[0].parts)]
    if len(value) == 1 and value[0].word in _NO_EXPRESSION:
        return []
    if len(value) > 2 and value[0].word == "(" and _closing(value, 0) == len(value) - 1:
        return _texts(value[1:-1])
    if len(value) > 3 and value[0].word == "optional" and _closing(value, 1) == len(value) - 1:
        return [text for default in _split(value[2:-1], ",")[1:] for text in _texts(default)]
    if len(before := _split(value, "?", once=True)) == 2:
        sides = _split(before[1], ":", opened_by="?", once=True)
        return [text for side in sides for text in _texts(side)]
    return [None]


def _closing(value: list[Token], opening: int) -> int | None:
    """Return the place of the bracket that closes the one at *opening*; None where that is none."""
    depth = 0
    for place in range(opening, len(value)):
        depth += (value[place].word in _OPENING) - (value[place].word in _CLOSING)
        if depth == 0:
            return place if place > opening else None
    return None


def _split(
    value: list[Token], separator: str, *, opened_by: str | None = None, once: bool = False
) -> list[list[Token]]:
    """Return what stands between separators outside of brackets; each `opened_by` has one of its own."""
    parts: list[list[Token]] = [[]]
    depth = inner = 0
    for token in value:
        depth += (token.word in _OPENING) - (token.word in _CLOSING)
        if depth == 0 and token.word == separator and not inner and not (once and len(parts) > 1):
            parts.append([])
            continue
        if depth == 0:
            inner += (token.word == opened_by) - (token.word == separator and inner > 0)
        parts[-1].append(token)
    return parts


def _text(parts: tuple[str | None, ...]) -> str | None:
    """Return what a text says, if all that is left open is a name in it."""
    text = ""
    for part in parts:
        if part is not None:
            text += part
        elif _inside_quotes(text):
            text += ANY_NAME
        else:
            return None
    return text


def _inside_quotes(text: str) -> bool:
    unescaped = text.replace("\\\\", "").replace('\\"', "")
    return unescaped.count('"') % 2 == 1


def problems(found: Found) -> Iterator[str]:
    """Yield what is wrong with an expression, with its place."""
    if found.text is None:
        return
    try:
        parse(found.text)
    except FilterError as error:
        yield f"{place(found)}: {error}"


def place(found: Found) -> str:
    """Return where an expression stands, and as what."""
    path = found.path.relative_to(ROOT) if found.path.is_relative_to(ROOT) else found.path
    return f"{path}:{found.line}: {NAME}"


def main(arguments: list[str]) -> int:
    """Check the files named, or all; print what is wrong, and what can't be read before it is rendered.

    Returns 1 where something is wrong, 2 where a file can't be read.
    """
    paths = [Path(argument) for argument in arguments] or files()
    try:
        found = [one for path in paths for one in expressions(path)]
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    wrong = [line for one in found for line in problems(one)]
    not_read = [one for one in found if one.text is None]
    for line in (*wrong, *(f"{place(one)}: not read, known once it is rendered" for one in not_read)):
        print(line)
    count = len(found) - len(not_read)
    print(f"{count} filter expressions read, {len(wrong)} of them wrong, {len(not_read)} not read")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
