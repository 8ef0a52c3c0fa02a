"""``.local/env``: the local cloud's addresses, for a shell to source and for our commands to read."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_PIECE = re.compile(
    r"""'(?P<literal>[^']*)'|"(?P<quoted>(?:\\.|[^"\\])*)"|\\(?P<escaped>.)|(?P<plain>[^\s'"\\;&|<>()`]+)"""
)
_IN_QUOTES = re.compile(r"\\([$`\"\\])|\$(?:\{(\w+)\}|([A-Za-z_]\w*))")


def parse(text: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that *text* sets; ``$NAME`` stands for *environment*'s or an earlier line's value.

    The file is read, not run: only assignments, comments and empty lines are allowed in it.
    Raises ValueError, which names the line, for anything else.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _LINE.fullmatch(stripped)
        if found is None:
            raise ValueError(f"line {number} is no assignment")
        try:
            values[found[1]] = _word(found[2], {**environment, **values})
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    return values


def _word(text: str, known: Mapping[str, str]) -> str:
    """Return the one word that *text* begins with, as a shell reads it; a comment may follow."""
    word, position = "", 0
    while position < len(text) and not text[position].isspace():
        piece = _PIECE.match(text, position)
        if piece is None:
            raise ValueError(f"{text[position]!r} is not understood there")
        word += _read(piece, known)
        position = piece.end()
    rest = text[position:].strip()
    if rest and not rest.startswith("#"):
        raise ValueError("it assigns more than one word")
    return word


def _read(piece: re.Match[str], known: Mapping[str, str]) -> str:
    for kind in ("literal", "escaped"):
        if piece[kind] is not None:
            return piece[kind]
    text = piece["plain"] if piece["quoted"] is None else piece["quoted"]
    return _IN_QUOTES.sub(lambda found: found[1] or known.get(found[2] or found[3], ""), text)


def render(values: Mapping[str, str], *, path_folders: list[str]) -> str:
    """Return *values* as shell text that exports them, and PATH with *path_folders* put before it."""
    lines = ["# The local cloud's addresses and test credentials. Use: . .local/env"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    if path_folders:
        lines.append(f'export PATH={shlex.quote(":".join(path_folders))}:"$PATH"')
    return "\n".join(lines) + "\n"
