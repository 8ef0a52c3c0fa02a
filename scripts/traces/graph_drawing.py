"""The service graph drawn: a tree of calls, below it a table of the services themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.measure import Measurement
from rich.text import Text

from scripts.plain import one_line
from scripts.traces.graph import CLIENT, lines
from scripts.traces.plain import NUMBER_COLUMNS, fit, glyphs, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console, ConsoleOptions, RenderResult

    from scripts.traces.graph import Figures, Line, Service
    from scripts.traces.plain import Glyphs

LINES_MAX = 300
NAME_MIN_COLUMNS = 12
_DEPTH_MAX = 8
_HEADS = (
    ("requests", 8),
    ("errors", 7),
    ("faults", 7),
    ("mean ms", NUMBER_COLUMNS),
    ("P95 ms", NUMBER_COLUMNS),
)


@dataclass(frozen=True)
class Graph:
    """A service graph as something to print. It takes the room it is given."""

    services: Mapping[int, Service]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide it is."""
        return Measurement(min(NAME_MIN_COLUMNS, options.max_width), options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        table = _Columns(options.max_width, glyphs(options))
        every = list(lines(self.services))
        room = table.fitted(
            [table.tree(line) for line in every[:LINES_MAX]]
            + [one_line(service.label) for service in self.services.values()]
        )
        yield table.head("calls, as the caller saw them", room)
        for line in every[:LINES_MAX]:
            figures = None if line.call is None else line.call.figures
            yield table.line(table.tree(line), figures, room, "bold" if line.call is None else "")
        yield from table.left(len(every) - LINES_MAX)
        yield Text()
        yield table.head("services, as they saw themselves", room)
        own = [service for service in self.services.values() if service.type != CLIENT]
        for service in own[:LINES_MAX]:
            name = one_line(service.label, ascii_only=table.marks.ascii_only)
            yield table.line(name, service.figures, room)
        yield from table.left(len(own) - LINES_MAX)


class _Columns:
    """Names, and as many columns of figures as there is room for: the last ones go first."""

    def __init__(self, width: int, marks: Glyphs) -> None:
        self.width, self.marks = width, marks
        self.shown = len(_HEADS)
        while self.shown and width - self._figures_width() < NAME_MIN_COLUMNS:
            self.shown -= 1

    def _figures_width(self) -> int:
        return sum(columns + 1 for _, columns in _HEADS[: self.shown])

    def fitted(self, names: list[str]) -> int:
        """Return how wide the names' column has to be, as far as there is room."""
        room = self.width - self._figures_width()
        return max(1, min(room, max([32, *(cell_len(name) for name in names)])))

    def tree(self, line: Line) -> str:
        """Return a service's name in its place below its callers."""
        marks = self.marks
        label = f"{line.service.name} (above)" if line.above else line.service.label
        if line.call is not None and line.call.kind:
            label += f" [{line.call.kind}]"
        name = one_line(label, ascii_only=marks.ascii_only)
        if line.call is None:
            return name
        steps = line.lasts[-_DEPTH_MAX:]
        deep = f"+{len(line.lasts) - len(steps)} " if len(line.lasts) > len(steps) else ""
        down = "".join("   " if last else marks.down for last in steps[:-1])
        return f"{deep}{down}{marks.last if steps[-1] else marks.branch}{name}"

    def head(self, title: str, room: int) -> Text:
        """Return the line above the others."""
        words = "".join(f" {name:>{columns}}" for name, columns in _HEADS[: self.shown])
        return self._line(Text(fit(title, room, self.marks) + words, style="bold"))

    def line(self, name: str, figures: Figures | None, room: int, style: str = "") -> Text:
        """Return a name with its figures; what isn't known is left empty."""
        text = Text(fit(name, room, self.marks), style=style)
        if figures is not None and figures.requests:
            cells = [
                (str(figures.requests), ""),
                (_percent(figures.rate(figures.errors)), "yellow" if figures.errors else ""),
                (_percent(figures.rate(figures.faults)), "red" if figures.faults else ""),
                (_milliseconds(figures.mean), ""),
                (_milliseconds(figures.percentile), ""),
            ]
            for (cell, colour), (_, columns) in zip(cells[: self.shown], _HEADS, strict=False):
                text.append(" " + fit(cell, columns, self.marks).strip().rjust(columns), style=colour)
        return self._line(text)

    def left(self, count: int) -> Iterator[Text]:
        """Yield the line that counts what is not shown, where there is any."""
        if count > 0:
            yield self._line(Text(f"{self.marks.ellipsis} {count} more", style="dim"))

    def _line(self, text: Text) -> Text:
        text.no_wrap, text.overflow = True, "crop"
        text.truncate(self.width)
        text.rstrip()
        return text


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f}%"


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else number(seconds * 1000)
