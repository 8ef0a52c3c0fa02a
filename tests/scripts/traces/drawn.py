"""What a renderable looks like on consoles of several kinds."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console

if TYPE_CHECKING:
    from rich.console import RenderableType

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def drawn(what: RenderableType, *, width: int = 80, colour: bool = False, encoding: str = "utf-8") -> str:
    """Return what is written of *what*, without the spaces at the lines' ends."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
        console = Console(
            file=file,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            highlight=False,
            soft_wrap=True,
            _environ={},
        )
        console.print(what, soft_wrap=False)
        file.flush()
        text = raw.getvalue().decode(encoding)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def without_colour(text: str) -> str:
    """Return *text* without escape sequences for colours and links."""
    return "\n".join(line.rstrip() for line in _ESCAPES.sub("", text).split("\n"))


def assert_fits(text: str, width: int) -> None:
    """No line is wider than *width*, and nothing in the text is for a terminal to act on."""
    for line in text.split("\n"):
        assert cell_len(line) <= width, line
        assert line.isprintable(), ascii(line)
