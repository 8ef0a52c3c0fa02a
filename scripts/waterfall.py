"""A trace as a waterfall: names, bars on one time line, milliseconds, status. Knows no source of traces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from scripts.secrets import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BAR_WIDTH_COLUMNS = 40
_STYLES = {"ok": "green", "error": "yellow", "throttle": "magenta", "fault": "red", "in progress": "blue"}


@dataclass(frozen=True)
class Span:
    """One bar. Times are epoch seconds; ``end`` is None while in progress.

    ``status`` is ``ok``, ``error``, ``throttle``, ``fault`` or ``in progress``.
    """

    id: str
    name: str
    start: float
    end: float | None
    status: str = "ok"
    detail: str = ""
    children: Sequence[Span] = field(default_factory=tuple)


def walk(roots: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """Yield each span with its depth, parents first."""
    stack = [(0, root) for root in reversed(roots)]
    while stack:
        depth, span = stack.pop()
        yield depth, span
        stack.extend((depth + 1, child) for child in reversed(span.children))


def window(roots: Sequence[Span]) -> tuple[float, float]:
    """Return the trace's first start and last end, in epoch seconds."""
    spans = [span for _, span in walk(roots)]
    begin = min((span.start for span in spans), default=0.0)
    end = max((span.end if span.end is not None else span.start for span in spans), default=begin)
    return begin, end


def place(span: Span, begin: float, end: float, width: int) -> tuple[int, int]:
    """Return where *span*'s bar starts and how long it is, in columns; never outside *width*, never empty."""
    total = end - begin
    if total <= 0:
        return 0, 1
    last = end if span.end is None else span.end
    offset = min(width - 1, max(0, int((span.start - begin) / total * width)))
    length = round((last - span.start) / total * width)
    return offset, max(1, min(length, width - offset))


def draw(roots: Sequence[Span], *, title: str = "", width: int = BAR_WIDTH_COLUMNS) -> Table:
    """Return *roots* and all below them as a table, one line for each span."""
    begin, end = window(roots)
    table = Table(box=None, pad_edge=False, title=title or None, title_justify="left", header_style="bold")
    table.add_column("span", no_wrap=False, overflow="fold")
    table.add_column(f"{(end - begin) * 1000:.1f} ms", no_wrap=True, min_width=width)
    table.add_column("ms", justify="right", no_wrap=True)
    table.add_column("status", overflow="fold")
    for depth, span in walk(roots):
        offset, length = place(span, begin, end, width)
        style = _STYLES.get(span.status, "red")
        bar = " " * offset + ("░" if span.end is None else "█") * length
        took = "" if span.end is None else f"{(span.end - span.start) * 1000:.1f}"
        status = f"{span.status} {span.detail}".strip()
        table.add_row(
            Text(scrub("  " * depth + span.name)),
            Text(bar.ljust(width), style=style),
            Text(took),
            Text(scrub(status), style=style),
        )
    return table
