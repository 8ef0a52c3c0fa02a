"""Documents on disk as one comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts import markdown
from scripts.errors import OperatorError
from scripts.github import documents
from scripts.github.kept import SHORTENED

if TYPE_CHECKING:
    from pathlib import Path


def test_markdown_is_shown_and_other_text_folded(tmp_path: Path) -> None:
    """In the order of the paths; what a plan prints can't mention anybody, it is code."""
    (tmp_path / "check.md").write_text("### Check\n\nwell\n")
    (tmp_path / "plan-xray.txt").write_text("+ @alice ``` <b>\n\tindented\n\x1b[31mred\n")
    paths = [tmp_path / "check.md", tmp_path / "plan-xray.txt"]
    text = documents.together("## plan-dev", documents.read(paths))
    assert text.startswith("## plan-dev\n\n### Check\n\nwell\n\n<details><summary>plan-xray</summary>")
    assert "````text\n+ @alice ``` <b>\n\tindented\n\\x1b[31mred\n````" in text


def test_what_was_not_made_is_named(tmp_path: Path) -> None:
    """Missing or empty: nobody takes a comment without it for one where all is well."""
    (tmp_path / "empty.md").write_text("\n")
    text = documents.together("## x", documents.read([tmp_path / "empty.md", tmp_path / "a_b.txt"]))
    assert text == "## x\n\nNot made in this run: empty, a&#95;b."


def test_what_is_there_and_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A folder is no document."""
    with pytest.raises(OperatorError, match="can't be read"):
        documents.read([tmp_path])


def test_the_longest_give_way(tmp_path: Path) -> None:
    """A short document stays whole beside two that are far too long, which share the rest."""
    small, *large = tmp_path / "small.md", tmp_path / "one.txt", tmp_path / "two.md"
    small.write_text("### Small\n" + "s" * 5_000)
    for path in large:
        path.write_text("\n".join(f"line {number} \u20ac" for number in range(40_000)))
    text = documents.together("## x", documents.read([*large, small]))
    assert markdown.LIMIT_BYTES * 0.9 < markdown.size(text) <= markdown.LIMIT_BYTES
    assert "s" * 5_000 in text
    assert text.count(SHORTENED) == 2
    assert text.count("```") == 2
    assert text.count("</details>") == 1


def test_bytes_that_are_no_text_are_shown_as_far_as_they_can(tmp_path: Path) -> None:
    """A broken document is no reason to have no comment."""
    (tmp_path / "plan.txt").write_bytes(b"\xff\xfe\0ok")
    assert "ok" in documents.together("## x", documents.read([tmp_path / "plan.txt"]))
