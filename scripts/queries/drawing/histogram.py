"""One calculation over time as bars, a line for each part of the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.text import Text

from scripts.queries.drawing.axis import Axis
from scripts.queries.drawing.marks import bar, marks, number, value_of, width
from scripts.queries.drawing.table import shown

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from scripts.queries.result import Result

BAR_MIN_COLUMNS = 5


@dataclass(frozen=True)
class Histogram:
    """The values of `label` over time, for a result without breakdowns. A part without a value has no bar."""

    found: Result
    label: str

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide it is."""
        return Measurement(1, width(options))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        drawn, axis = marks(options), Axis.of(self.found)
        values: dict[int, float] = {}
        for point in self.found.series:
            value = value_of(point.data.get(self.label))
            if value is not None:
                values[axis.part(point.time)] = value
        highest = max(values.values(), default=0.0)
        widest = max((len(number(value)) for value in values.values()), default=1)
        room = max(BAR_MIN_COLUMNS, width(options) - len(axis.label(0)) - widest - 4)
        yield Text(f"{shown(self.label, drawn)}: {axis.words}", style="bold")
        for part in range(axis.parts):
            line = Text(axis.label(part) + "  ")
            if part in values:
                value = values[part]
                line.append(number(value).rjust(widest) + "  ")
                line.append(bar(value / highest if highest > 0 else 0.0, room, drawn), style="cyan")
            line.rstrip()
            yield line
