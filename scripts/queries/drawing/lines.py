"""One calculation over time for each group: a line of levels, all to the same height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.measure import Measurement
from rich.text import Text

from scripts.queries.drawing.axis import Axis
from scripts.queries.drawing.marks import level, marks, number, value_of, width
from scripts.queries.drawing.table import shown
from scripts.traces.plain import ASCII, BOXES, fit

if TYPE_CHECKING:
    from typing import Any

    from rich.console import Console, ConsoleOptions, RenderResult

    from scripts.queries.result import Result

GROUPS_MAX = 10
PART_MAX_COLUMNS = 3
NAME_MIN_COLUMNS = 8


@dataclass(frozen=True)
class Lines:
    """The values of `label` over time, a line for each of the first ten groups of a result."""

    found: Result
    label: str

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide it is."""
        return Measurement(1, width(options))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        drawn, axis = marks(options), Axis.of(self.found)
        values = self._values(axis)
        groups = [self.found.group(row) for row in self.found.rows[:GROUPS_MAX]]
        highest = max((value for group in groups for value in values.get(group, {}).values()), default=0.0)
        most = number(highest)
        names = [" ".join(shown(part, drawn) for part in group) for group in groups]
        room = max(NAME_MIN_COLUMNS, width(options) - axis.parts - 2)
        room = min(room, max(map(cell_len, names), default=0))
        columns = max(1, min(PART_MAX_COLUMNS, (width(options) - room - 2) // axis.parts))
        yield Text(f"{shown(self.label, drawn)}: {axis.words}, highest {most}", style="bold")
        for name, group in zip(names, groups, strict=True):
            line = Text(fit(name, room, ASCII if drawn.ascii_only else BOXES) + "  ")
            found = values.get(group, {})
            line.append(
                "".join(level(found.get(one), highest, drawn) * columns for one in range(axis.parts)),
                style="cyan",
            )
            line.rstrip()
            yield line
        yield Text(" " * (room + 2) + axis.ticks(columns), style="dim")
        if len(self.found.rows) > GROUPS_MAX:
            yield Text(f"and {len(self.found.rows) - GROUPS_MAX} more, in the table", style="dim")

    def _values(self, axis: Axis) -> dict[tuple[Any, ...], dict[int, float]]:
        values: dict[tuple[Any, ...], dict[int, float]] = {}
        for point in self.found.series:
            value = value_of(point.data.get(self.label))
            if value is not None:
                values.setdefault(self.found.group(point.data), {})[axis.part(point.time)] = value
        return values
