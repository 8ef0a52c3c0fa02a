"""A trace as a waterfall: names, bars on one time line, durations, status. Knows no source of traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.text import Text

from scripts.plain import one_line, plain
from scripts.traces.folding import Folded, Gap, rows
from scripts.traces.plain import NUMBER_COLUMNS, cut, fit, glyphs, number, unit, wrap
from scripts.traces.spans import Span, walk, window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

    from scripts.traces.folding import Row
    from scripts.traces.plain import Glyphs

__all__ = ["STYLES", "Span", "draw", "place", "walk", "window"]

STYLES = {"ok": "green", "error": "yellow", "throttle": "magenta", "fault": "red", "in progress": "blue"}
STATUS_COLUMNS = 12
BAR_MIN_COLUMNS = 6
_NAME_SHARE = 0.55
_MIDDLE_FROM_COLUMNS = 30
_EXCEPTION_LINES_MAX = 3
_ANNOTATION_LINES_MAX = 4
_VALUE_COLUMNS_MAX = 60


def place(span: Span, begin: float, end: float, width: int) -> tuple[int, int]:
    """Return where *span*'s bar starts and how long it is, in columns; never outside *width*, never empty."""
    return _place(span.start, end if span.end is None else span.end, begin, end, width)


def _place(start: float, stop: float, begin: float, end: float, width: int) -> tuple[int, int]:
    total = end - begin
    if total <= 0:
        return 0, 1
    first, last = (min(1.0, max(0.0, (time - begin) / total)) for time in (start, stop))
    offset = min(width - 1, int(first * width))
    return offset, max(1, min(round((last - first) * width), width - offset))


def draw(
    roots: Sequence[Span],
    *,
    title: str = "",
    width: int | None = None,
    details: bool = False,
    focus: Span | None = None,
) -> Waterfall:
    """Return *roots* and all below them as something to print, one line for each span.

    It takes the room it is given, *width* columns at most. With *details* requests, annotations and
    exceptions stand below their spans; with *focus* all is folded but that span and what surrounds it.
    """
    return Waterfall(roots, title, width, details, focus)


@dataclass(frozen=True, eq=False)
class Waterfall:
    """What ``draw`` returns; rich prints it."""

    roots: Sequence[Span]
    title: str
    width: int | None
    details: bool
    focus: Span | None

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide it is."""
        widest = min(self.width or options.max_width, options.max_width)
        return Measurement(min(STATUS_COLUMNS, widest), widest)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        columns = min(self.width or options.max_width, options.max_width)
        drawing = _Drawing(glyphs(options), columns, *window(self.roots))
        if self.title:
            title = plain(self.title, ascii_only=drawing.marks.ascii_only)
            yield drawing.line(Text(title, style="bold"))
        yield drawing.line(drawing.head())
        for row in rows(self.roots, self.focus):
            yield drawing.line(drawing.row(row))
            if self.details and not isinstance(row, Folded | Gap):
                for text in drawing.below(row.span, row.depth):
                    yield drawing.line(text)


class _Drawing:
    """The columns of one waterfall, as many as there is room for: the bar goes first, then the time."""

    def __init__(self, marks: Glyphs, columns: int, begin: float, end: float) -> None:
        self.marks, self.columns, self.begin, self.end = marks, columns, begin, end
        self.unit, self.per_second = unit(end - begin)
        room = columns - STATUS_COLUMNS - 1
        self.took = NUMBER_COLUMNS if room >= NUMBER_COLUMNS + 8 else 0
        room -= self.took + 1 if self.took else 0
        self.name = max(1, min(room, int(room * _NAME_SHARE)))
        self.bar = room - self.name - 1
        if self.bar < BAR_MIN_COLUMNS:
            self.name, self.bar = max(1, room), 0

    def line(self, text: Text) -> Text:
        """Return *text*, never wrapped and never wider than there is room."""
        text.no_wrap, text.overflow = True, "crop"
        text.truncate(self.columns)
        text.rstrip()
        return text

    def columns_of(self, name: Text, bar: Text, took: str, status: Text) -> Text:
        cells = [name]
        if self.bar:
            cells.append(bar)
        if self.took:
            cells.append(Text(took.rjust(self.took)))
        return Text(" ").join([*cells, status])

    def head(self) -> Text:
        total = f"{number((self.end - self.begin) * self.per_second)} {self.unit}"
        axis = "0" + total.rjust(self.bar - 1) if self.bar > len(total) + 1 else total.rjust(self.bar)
        if self.bar >= _MIDDLE_FROM_COLUMNS:
            half = f"{number((self.end - self.begin) / 2 * self.per_second)}"
            at = self.bar // 2 - len(half) // 2
            axis = axis[:at] + half + axis[at + len(half) :]
        bar = Text(cut(axis, self.bar, self.marks))
        head = self.columns_of(Text(fit("span", self.name, self.marks)), bar, self.unit, Text("status"))
        head.stylize("bold")
        return head

    def row(self, row: Row) -> Text:
        if isinstance(row, Gap):
            text = Text(self.indented(row.depth, "no span below"), style="dim")
            took = number((row.end - row.begin) * self.per_second)
            return self.columns_of(
                text, self.stretch(row.begin, row.end, self.marks.gap, "dim"), took, Text()
            )
        if isinstance(row, Folded):
            words = f"{self.marks.ellipsis} {row.text}"
            style = "red" if row.failing else "dim"
            status = f"{row.failing} failing" if row.failing else ""
            text = Text(self.indented(row.depth, plain(words, ascii_only=self.marks.ascii_only)), style="dim")
            bar = self.stretch(row.begin, row.end, self.marks.gap, style)
            return self.columns_of(text, bar, "", Text(status, style=style))
        return self.span(row.span, row.depth, focus=row.focus)

    def span(self, span: Span, depth: int, *, focus: bool) -> Text:
        style = STYLES.get(span.status, "red")
        name = span.name + (f" ({', '.join(span.marks)})" if span.marks else "")
        text = Text(self.indented(depth, one_line(name, ascii_only=self.marks.ascii_only)))
        if focus:
            text.stylize("bold reverse")
        status = Text(cut(plain(f"{span.status} {span.detail}".strip()), STATUS_COLUMNS, self.marks), style)
        glyph = self.marks.running if span.end is None else self.marks.bar
        bar = self.stretch(span.start, self.end if span.end is None else span.end, glyph, style)
        took = "" if span.end is None else number((span.end - span.start) * self.per_second)
        return self.columns_of(text, bar, took, status)

    def indented(self, depth: int, text: str) -> str:
        """Return *text* where its depth puts it; digits tell a depth that would take half of the column."""
        place = "  " * depth if depth <= self.name // 4 else f"{' ' * min(4, self.name // 4)}+{depth} "
        return fit(place + text, self.name, self.marks)

    def stretch(self, start: float, stop: float, glyph: str, style: str) -> Text:
        if not self.bar:
            return Text()
        offset, length = _place(start, stop, self.begin, self.end, self.bar)
        return Text((" " * offset + glyph * length).ljust(self.bar), style=style)

    def below(self, span: Span, depth: int) -> Iterator[Text]:
        """Yield the lines below a span: its request, its annotations, its exceptions."""
        ascii_only = self.marks.ascii_only
        indent = min(2 * depth + 4, self.columns // 3)
        room = self.columns - indent
        if span.request:
            yield self.detail(one_line(span.request, ascii_only=ascii_only), indent, room)
        if span.annotations:
            pairs = [
                (one_line(key, ascii_only=ascii_only), one_line(value, ascii_only=ascii_only))
                for key, value in span.annotations
            ]
            told = "  ".join(f"{key}={cut(value, _VALUE_COLUMNS_MAX, self.marks)}" for key, value in pairs)
            for part in wrap(told, room, _ANNOTATION_LINES_MAX, self.marks):
                yield self.detail(part, indent, room)
        for place_, thrown in enumerate(span.exceptions):
            words = f"{'caused by ' if place_ else ''}{thrown.type}: {thrown.message}".rstrip(": ")
            words = one_line(words, ascii_only=ascii_only)
            for part in wrap(words, room, _EXCEPTION_LINES_MAX, self.marks):
                yield self.detail(part, indent, room, "red")
            if thrown.frame:
                frame = one_line(f"  at {thrown.frame}", ascii_only=ascii_only)
                yield self.detail(frame, indent, room, "red")

    def detail(self, text: str, indent: int, room: int, style: str = "dim") -> Text:
        return Text(" " * indent + cut(text, room, self.marks), style=style)
