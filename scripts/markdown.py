"""Markdown for GitHub's comments and issues, of texts that anybody may have written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A comment's and an issue's limit is 65,536 characters; as bytes it holds whatever GitHub counts.
LIMIT_BYTES = 65_536
CELL_MAX_CHARACTERS = 1_000
# A reference to a character is never taken for markup (CommonMark 0.31, 6.2); a backslash may be, in a table.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~$!]")
# GitHub looks for these after Markdown is read, so that a reference to the character would not help.
_NAMED = re.compile(r"(?<=@)(?=\w)|(?<=#)(?=\d)|(?<=\bGH-)(?=\d)|(?<=:)(?=//)", re.ASCII | re.IGNORECASE)
_NO_WIDTH = "\u200b"
_FENCE = re.compile(r"^`{3,}")


def escaped(text: str) -> str:
    """Return *text* as one line that shows it: no markup, HTML, address, mention or reference to an issue.

    Known secrets are replaced, runs of whitespace are one space, control characters are shown as escapes.
    """
    unnamed = _NAMED.sub(_NO_WIDTH, one_line(text))
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", unnamed)


def cell(text: str) -> str:
    """Return *text* for a table's cell; what is beyond 1,000 characters is left out."""
    short = text if len(text) <= CELL_MAX_CHARACTERS else f"{text[: CELL_MAX_CHARACTERS - 1]}…"
    return escaped(short)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table's lines. The columns' names are ours; what the cells say is escaped here."""
    head = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    return [*head, *map(row, rows)]


def row(texts: Sequence[str]) -> str:
    """Return a table's row."""
    return f"| {' | '.join(map(cell, texts))} |"


def folded(title: str, lines: Iterable[str]) -> list[str]:
    """Return *lines* under a title, shown where it is opened."""
    return [f"<details><summary>{escaped(title)}</summary>", "", *lines, "", "</details>"]


def code(text: str) -> list[str]:
    """Return *text*, which the caller has scrubbed, as a block of code that nothing in it can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *text.rstrip("\n").split("\n"), fence]


def size(text: str) -> int:
    """Return the bytes of *text* in UTF-8."""
    return len(text.encode("utf-8", errors="replace"))


def shortened(document: str, limit_bytes: int, note: str) -> str:
    """Return *document*, within the limit: whole lines from its beginning, what is open closed, then *note*.

    *note* is ours. A limit that has no room even for it leaves the note alone.
    """
    if size(document) <= limit_bytes:
        return document
    left = limit_bytes - size(note) - 2
    kept: list[str] = []
    fence, folds = "", 0
    for line in document.split("\n"):
        next_fence, next_folds = _behind(line, fence, folds)
        left -= size(line) + 1
        if left < sum(size(end) + 1 for end in _endings(next_fence, next_folds)):
            break
        kept.append(line)
        fence, folds = next_fence, next_folds
    return "\n".join([*kept, *_endings(fence, folds), "", note])


def _behind(line: str, fence: str, folds: int) -> tuple[str, int]:
    """Return what is open behind *line*: the fence of a block of code, and how many folded parts."""
    if fence:
        return ("" if line.rstrip() == fence else fence), folds
    if found := _FENCE.match(line):
        return found[0], folds
    return "", folds + line.startswith("<details>") - line.startswith("</details>")


def _endings(fence: str, folds: int) -> list[str]:
    """Return the lines that close it."""
    return [*([fence] if fence else []), *(["", "</details>"] * folds)]
