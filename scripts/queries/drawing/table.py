"""A result's rows: what the groups are called, each calculation, and a bar of the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from scripts.plain import plain
from scripts.queries.drawing.marks import NOTHING, bar, marks, number, value_of, width

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from scripts.queries.drawing.marks import Marks
    from scripts.queries.result import Result

BAR_MIN_COLUMNS = 8
BAR_MAX_COLUMNS = 30
_GAP = 2


@dataclass(frozen=True)
class Rows:
    """The rows as a table. Where there is room, a bar tells the first calculation's share of the largest."""

    found: Result

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide it is."""
        return Measurement(1, width(options))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table."""
        drawn, found = marks(options), self.found
        names = [shown(column, drawn) for column in found.breakdowns]
        labels = [shown(label, drawn) for label in found.calculations]
        texts = [[shown(row.get(column), drawn) for column in found.breakdowns] for row in found.rows]
        numbers = [[number(row.get(label)) for label in found.calculations] for row in found.rows]
        lengths = [
            max(map(cell_len, column))
            for column in zip([*names, *labels], *_joined(texts, numbers), strict=True)
        ]
        room = min(BAR_MAX_COLUMNS, width(options) - sum(lengths) - _GAP * len(lengths))
        has_bar = room >= BAR_MIN_COLUMNS and bool(names)
        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold", width=None)
        for column, name in zip(found.breakdowns, names, strict=True):
            # an id that is folded can't be copied
            table.add_column(Text(name), overflow="fold", no_wrap=column.endswith("_id"))
        for label in labels:
            table.add_column(Text(label), overflow="fold", justify="right")
        if has_bar:
            table.add_column("", no_wrap=True)
        highest = max((value_of(row.get(found.calculations[0])) or 0.0 for row in found.rows), default=0.0)
        for row, words, values in zip(found.rows, texts, numbers, strict=True):
            cells = [Text(word) for word in (*words, *values)]
            if has_bar:
                value = value_of(row.get(found.calculations[0])) or 0.0
                cells.append(Text(bar(value / highest if highest > 0 else 0.0, room, drawn), style="cyan"))
            table.add_row(*cells)
        yield from console.render(table, options.update(width=width(options)))


@dataclass(frozen=True)
class Totals:
    """The calculations of a result's only row, on one line."""

    found: Result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the line."""
        drawn = marks(options)
        for row in self.found.rows:
            group = [shown(row.get(column), drawn) for column in self.found.breakdowns]
            values = [f"{shown(label, drawn)} {number(row.get(label))}" for label in self.found.calculations]
            yield Text("   ".join([*group, *values]))


def shown(value: object, drawn: Marks) -> str:
    """Return a group's value fit for a terminal: names come from outside."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return str(value).lower()
    return plain(value if isinstance(value, str) else number(value), ascii_only=drawn.ascii_only)


def _joined(texts: list[list[str]], numbers: list[list[str]]) -> list[list[str]]:
    return [[*words, *values] for words, values in zip(texts, numbers, strict=True)]
