"""Several documents on disk as one text for a comment, each with its share of the room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import markdown
from scripts.errors import OperatorError
from scripts.github.kept import SHORTENED
from scripts.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

# Far more than a comment holds; what is beyond is not read.
READ_MAX_BYTES = 1024 * 1024
# For the comment's marker and heading.
_FRAME_BYTES = 1_000
_MARKDOWN = ".md"


@dataclass(frozen=True)
class Document:
    """A document's name and its Markdown; None for one that is not there, or empty."""

    name: str
    text: str | None


def read(paths: Sequence[Path]) -> list[Document]:
    """Return the documents: Markdown as it is, anything else as code under its name, folded.

    One that is not there, since what makes it failed or was left out, is a document too: it is told of.
    Raises OperatorError for one that is there and can't be read.
    """
    return [Document(path.stem, _text(path)) for path in paths]


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(READ_MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OperatorError(
            f"{path} can't be read ({error.strerror})", remedy="name documents that a command has written"
        ) from error
    text = content.decode("utf-8", errors="replace")
    if not text.strip():
        return None
    if path.suffix == _MARKDOWN:
        return text.strip("\n")
    lines = "\n".join("\t".join(map(plain, line.split("\t"))) for line in text.splitlines())
    return "\n".join(markdown.folded(path.stem, markdown.code(lines)))


def together(heading: str, documents: Sequence[Document]) -> str:
    """Return *heading*, which is Markdown, with all documents below it, within a comment's limit.

    Who needs less than an equal share leaves the rest to the others.
    """
    missing = [document.name for document in documents if document.text is None]
    texts = [document.text for document in documents if document.text is not None]
    note = f"Not made in this run: {', '.join(map(markdown.escaped, missing))}." if missing else ""
    left = markdown.LIMIT_BYTES - _FRAME_BYTES - markdown.size(heading) - markdown.size(note) - 2 * len(texts)
    shares: dict[int, int] = {}
    for place, number in enumerate(sorted(range(len(texts)), key=lambda one: markdown.size(texts[one]))):
        shares[number] = min(markdown.size(texts[number]), max(0, left) // (len(texts) - place))
        left -= shares[number]
    shown = [markdown.shortened(text, shares[number], SHORTENED) for number, text in enumerate(texts)]
    return "\n\n".join(part for part in (heading, note, *shown) if part)
