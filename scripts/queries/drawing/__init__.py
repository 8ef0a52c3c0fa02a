"""A query's result as text: graphs over time, a heatmap, a table, at 80 columns and without colour too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from scripts.queries.drawing.axis import span
from scripts.queries.drawing.heatmap import Heatmap
from scripts.queries.drawing.histogram import Histogram
from scripts.queries.drawing.lines import Lines
from scripts.queries.drawing.table import Rows, Totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scripts.queries.files import HoneycombQuery
    from scripts.queries.result import Result


__all__ = ["draw", "span"]


def draw(query: HoneycombQuery, found: Result) -> Iterator[RenderableType]:
    """Yield what *found* is shown as, in the query's style; nothing where there is nothing."""
    if not found.rows:
        return
    if query.style in ("graph", "combo") or found.heatmaps:
        for label in found.heatmaps:
            yield Heatmap(found, label)
        if not found.heatmaps and found.calculations:
            label = found.calculations[0]
            yield Lines(found, label) if found.breakdowns else Histogram(found, label)
        yield Text("")
    if query.style in ("table", "combo") and found.calculations:
        yield Rows(found)
    elif found.calculations:
        yield Totals(found)
