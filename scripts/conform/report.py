"""The results as a table and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from scripts.conform import recordings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.conform.runner import Result

_STYLES = {
    "holds": "green",
    "differs": "bold red",
    "skipped": "yellow",
    "capped": "bold red",
    "unasked": "bold red",
}
STATUSES = tuple(_STYLES)


def to_document(environment: str, results: Sequence[Result]) -> dict[str, Any]:
    """Return ``{"environment", "cases": [...], "summary"}``.

    A case is ``{"id", "claim", "documented", "settles", "status", "detail", "confirmed"}``.
    """
    return {
        "environment": environment,
        "cases": [
            {
                "id": one.case.id,
                "claim": one.case.claim,
                "documented": one.case.documented,
                "settles": list(one.case.settles),
                "status": one.status,
                "detail": one.detail,
                "confirmed": recordings.file_of(one.case.id).exists(),
            }
            for one in results
        ],
        "summary": {name: sum(one.status == name for one in results) for name in _STYLES},
    }


def to_table(results: Sequence[Result]) -> Table:
    """Return the cases with what became of them, and where their claims come from."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("case", "status", "source", "claim"):
        table.add_column(name, overflow="fold")
    for one in results:
        source = "documented" if one.case.documented else "inferred"
        table.add_row(one.case.id, Text(one.status, style=_STYLES[one.status]), source, Text(one.case.claim))
    return table


def exit_code(results: Sequence[Result], *, clean: bool) -> int:
    """Return 2 where the service did not answer, 1 where a claim does not hold, could not be paid for, or
    something was left behind, else 0.
    """
    statuses = {one.status for one in results}
    if "unasked" in statuses:
        return 2
    return 1 if statuses & {"differs", "capped"} or not clean else 0
