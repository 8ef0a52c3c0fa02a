"""Terraform's and Terragrunt's language as tokens: enough to find a value that is written out as text.

Source: HCL native syntax specification (hashicorp/hcl, hclsyntax/spec.md), lexical elements and templates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SKIPPED = re.compile(r"[ \t\r]+|(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[^\W\d][\w-]*")
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t\r]*\n")
_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a text, or any other character; `line` begins at 1.

    `parts` of a text are what it says, and None for each `${...}` or `%{...}` in it; it is None for other
    tokens. A line's end is the word `\\n`.
    """

    line: int
    word: str
    parts: tuple[str | None, ...] | None = None


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a file. What is no HCL gives tokens too: `terraform validate` is there for that."""
    at, line = 0, 1
    while at < len(text):
        if skipped := _SKIPPED.match(text, at):
            end, token = skipped.end(), None
        elif text[at] == '"':
            parts, end = _template(text, at + 1)
            token = Token(line, "", parts)
        elif heredoc := _HEREDOC.match(text, at):
            parts, end = _heredoc(text, heredoc)
            token = Token(line, "", parts)
        elif word := _WORD.match(text, at):
            end, token = word.end(), Token(line, word[0])
        else:
            end, token = at + 1, Token(line, text[at])
        if token is not None:
            yield token
        line += text.count("\n", at, end)
        at = end


def _template(text: str, at: int) -> tuple[tuple[str | None, ...], int]:
    """Read a template from behind its opening quote; return its parts and where the text goes on."""
    parts: list[str | None] = []
    said = ""
    while at < len(text) and text[at] not in '"\n':
        if escape := _ESCAPE.match(text, at):
            code = escape[2] or escape[3]
            said += _character(code) if code else _ESCAPED[escape[1]]
            at = escape.end()
        else:
            said, at = _step(text, at, said, parts)
    return (*parts, said), at + 1


def _step(text: str, at: int, said: str, parts: list[str | None]) -> tuple[str, int]:
    """Read one character or interpolation; return what is said since the last one, and where to go on."""
    if text.startswith(("$${", "%%{"), at):
        return said + text[at + 1 : at + 3], at + 3
    if text.startswith(("${", "%{"), at):
        parts += (said, None)
        return "", _behind_interpolation(text, at + 2)
    return said + text[at], at + 1


def _heredoc(text: str, opening: re.Match[str]) -> tuple[tuple[str | None, ...], int]:
    """Read a heredoc, without the indentation of `<<-`; no backslash in it is an escape."""
    closing = re.compile(rf"^[ \t]*{re.escape(opening[2])}[ \t\r]*$", re.MULTILINE)
    found = closing.search(text, opening.end())
    end, behind = (found.start(), found.end()) if found else (len(text), len(text))
    body = text[opening.end() : end]
    if opening[1]:
        body = dedent(body)
    parts: list[str | None] = []
    said, at = "", 0
    while at < len(body):
        said, at = _step(body, at, said, parts)
    return (*parts, said), behind


def _behind_interpolation(text: str, at: int) -> int:
    depth = 1
    while at < len(text) and depth:
        if text[at] == '"':
            _, at = _template(text, at + 1)
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"
