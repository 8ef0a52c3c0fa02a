"""Markdown of texts that anybody may have written, read back as GitHub's dialect is."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from scripts import markdown
from scripts.plain import one_line

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NAMES = ["GH-", "gh-12", "https://github.com/o/r/issues/1"]
HOSTILE = st.lists(
    st.one_of(st.sampled_from([*"\\`*_{}[]()<>&|~$!#@:.-+=\"'/\n\t 1aZ", *NAMES]), st.characters()),
    max_size=60,
).map("".join)
NO_WIDTH = "\u200b"


class _Tags(HTMLParser):
    """The tags of rendered Markdown, and the text of each cell of its tables."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its name
        self.tags.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and self.lasttag == "td":
            self.cells[-1] += data.rstrip("\n")


def _read(document: str) -> _Tags:
    read = _Tags()
    read.feed(PARSER.render(document))
    return read


@given(st.lists(HOSTILE, min_size=2, max_size=4))
def test_a_cell_shows_its_text_whatever_it_is(texts: list[str]) -> None:
    """No pipe, backtick, newline or tag in a text changes the table; the text can be read in it."""
    columns = [f"c{number}" for number in range(len(texts))]
    read = _read("\n".join(markdown.table(columns, [texts])))
    assert set(read.tags) <= {"table", "thead", "tbody", "tr", "th", "td"}
    assert read.tags.count("td") == read.tags.count("th") == len(texts)
    assert [shown.replace(NO_WIDTH, "") for shown in read.cells] == [one_line(text) for text in texts]


@given(HOSTILE)
def test_nobody_is_mentioned_and_no_issue_is_named(text: str) -> None:
    """GitHub looks for @name, #1, GH-1 and addresses in the text that is left after Markdown was read."""
    left = html.unescape(markdown.escaped(text))
    assert not re.search(r"@[A-Za-z0-9]|#\d|\bGH-\d|://", left, re.ASCII | re.IGNORECASE)


def test_secrets_and_controls_do_not_get_through() -> None:
    """A text from outside is made plain first."""
    assert markdown.escaped("a\x1b[31mb\u202ec") == "a&#92;x1b&#91;31mb&#92;u202ec"
    assert markdown.cell("x" * 5000).endswith("x…")
    assert len(markdown.cell("x" * 5000)) == markdown.CELL_MAX_CHARACTERS


@given(HOSTILE)
def test_nothing_in_a_block_of_code_ends_it(text: str) -> None:
    """However many backticks stand in it."""
    read = _read("\n".join(markdown.folded("plan", markdown.code(text.replace("\0", "")))))
    assert read.tags[:2] == ["details", "summary"]
    assert set(read.tags[2:]) <= {"pre", "code"}


@given(
    st.lists(
        st.sampled_from(
            ["text", "<details><summary>s</summary>", "</details>", "```text", "````", "```", "é"]
        )
    ),
    st.integers(min_value=0, max_value=300),
)
def test_a_shortened_document_is_whole_and_within_its_limit(lines: list[str], limit: int) -> None:
    """What was open is closed, and that something is left out is said."""
    note = "*The rest is left out.*"
    document = "\n".join(lines)
    short = markdown.shortened(document, limit, note)
    if markdown.size(document) <= limit:
        assert short == document
        return
    assert markdown.size(short) <= max(limit, markdown.size(note) + 2)
    assert short.endswith(note)
    kept = short.removesuffix(note).rstrip("\n").split("\n")
    fence, folds = "", 0
    for line in kept:
        fence, folds = markdown._behind(line, fence, folds)
    assert (fence, max(folds, 0)) == ("", 0)
    opened = [line for line in lines if line.startswith("<details>")]
    assert short.count("<details>") <= len(opened)
