"""The three ways as one table, under the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from scripts.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.verify.loaded.ways import Row

COLUMNS = ("three ways", "asked for", "in AWS", "loaded", "drift")


def to_table(rows: Sequence[Row]) -> Table:
    """Return the rows as a table; what drifts comes as it stands, in red."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    for row in rows:
        cells = (row.what, row.asked.shown, row.aws.shown, row.loaded_shown, row.drift)
        style = "bold red" if row.drift else ""
        table.add_row(*(Text(plain(cell), style=style) for cell in cells))
    return table
