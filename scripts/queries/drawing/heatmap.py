"""A heatmap: time across, values up, shaded by how many there are."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.text import Text

from scripts.queries.drawing.axis import Axis
from scripts.queries.drawing.bins import Scale, UnknownFormError, bins
from scripts.queries.drawing.marks import marks, number, shade, width
from scripts.queries.drawing.table import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderResult

    from scripts.queries.drawing.marks import Marks
    from scripts.queries.result import Result

ROWS_MAX = 16
PART_MAX_COLUMNS = 3


@dataclass(frozen=True)
class Heatmap:
    """The heatmap `label` of a result; groups, where there are any, are added up."""

    found: Result
    label: str

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide it is."""
        return Measurement(1, width(options))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        drawn, axis = marks(options), Axis.of(self.found)
        yield Text(f"{shown(self.label, drawn)}: {axis.words}", style="bold")
        try:
            counts, scale = self._counts(axis)
        except UnknownFormError:
            yield Text("the heatmap came in a form that is not known here; FORMAT=json shows it")
            return
        yield from _lines(counts, scale, axis, drawn, width(options))

    def _counts(self, axis: Axis) -> tuple[dict[tuple[int, int], float], Scale]:
        """Return how many values there are by row and column."""
        there = [
            (axis.part(point.time), one)
            for point in self.found.series
            for one in bins(point.data.get(self.label))
        ]
        scale = Scale([one for _, one in there], ROWS_MAX)
        counts: dict[tuple[int, int], float] = {}
        for column, one in there:
            place = scale.row(one), column
            # Finite, whatever comes: its logarithm is taken.
            counts[place] = min(counts.get(place, 0.0) + one.count, sys.float_info.max)
        return counts, scale


def _lines(
    counts: dict[tuple[int, int], float], scale: Scale, axis: Axis, drawn: Marks, columns: int
) -> Iterator[Text]:
    most = max(counts.values(), default=0.0)
    labels = [" - ".join(map(number, scale.bounds(row))) for row in range(scale.count)]
    side = max(map(len, labels), default=0)
    edge, corner, floor = ("|", "+", "-") if drawn.ascii_only else ("│", "└", "─")
    repeated = max(1, min(PART_MAX_COLUMNS, (columns - side - 2) // axis.parts))
    for row in reversed(range(scale.count)):
        line = Text(f"{labels[row]:>{side}} {edge}")
        for column in range(axis.parts):
            mark, style = shade(counts.get((row, column), 0.0), most, drawn)
            line.append(mark * repeated, style=style)
        line.rstrip()
        yield line
    yield Text(" " * (side + 1) + corner + floor * (axis.parts * repeated))
    yield Text(" " * (side + 2) + axis.ticks(repeated))
    yield Text("  ".join(_legend(most, drawn)), style="dim")


def _legend(most: float, drawn: Marks) -> Iterator[str]:
    """Yield what each shade begins with."""
    known = ""
    for step in range(len(drawn.shades)):
        count = math.floor(math.expm1(step / len(drawn.shades) * math.log1p(most))) + 1
        mark, _ = shade(count, most, drawn)
        if mark != known and count <= most:
            yield f"{mark} from {count}"
        known = mark
    yield f"most {number(most)}"
