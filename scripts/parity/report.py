"""The result as a table and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from scripts.secrets import scrub

if TYPE_CHECKING:
    from scripts.parity.ledger import Difference
    from scripts.parity.run import Result

DIFFERENCES_SHOWN = 20
_VALUE_MAX_CHARACTERS = 300
_NAMES = {"xray": "X-Ray", "honeycomb": "Honeycomb"}


def to_json(result: Result) -> str:
    """Return the result as JSON, every difference in it."""
    document = {
        "requests": result.requests,
        "traces": result.comparison.traces,
        "spans": result.comparison.spans,
        "equal": result.comparison.equal,
        "different": result.comparison.different,
        "unexpected": len(result.surprises),
        "unaccounted": result.unaccounted,
        "logged": result.logged,
        "shortened": result.comparison.shortened,
        "sinks": {
            one.sink: {
                "recorded": one.recorded,
                "accepted": one.accepted,
                "dropped": one.dropped,
                "lost": one.lost,
                "on_the_way": dict(one.on_the_way or {}),
                "unaccounted": one.unaccounted,
            }
            for one in result.accounts
        },
        "differences": [
            {
                "trace_id": one.trace_id,
                "span_id": one.span_id,
                "name": one.name,
                "fact": one.fact,
                "xray": one.xray,
                "honeycomb": one.honeycomb,
                "expected": one.expected,
            }
            for one in result.differences
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def accounts_table(result: Result) -> Table:
    """Return what was recorded against what each sink has, one line a sink."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("sink")
    for name in ("recorded", "accepted", "dropped", "lost", "on the way", "unaccounted"):
        table.add_column(name, justify="right")
    for one in result.accounts:
        causes = ", ".join(f"{name} {count}" for name, count in (one.on_the_way or {}).items())
        cells = (one.recorded, one.accepted, one.dropped, one.lost, causes or 0, one.unaccounted)
        table.add_row(_NAMES[one.sink], *(Text(str(cell)) for cell in cells))
    return table


def differences_table(result: Result) -> Table:
    """Return the first difference of each kind, then more of them, up to twenty."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("trace", "span", "name", "fact", "X-Ray", "Honeycomb", "expected"):
        table.add_column(name, overflow="fold")
    for one in _first_of_each(result.differences):
        cells = (one.trace_id, one.span_id, one.name, one.fact, one.xray, one.honeycomb, one.expected)
        table.add_row(*(Text(_shown(cell)) for cell in cells))
    return table


def summary(result: Result) -> str:
    """Return the figures in one line."""
    compared = result.comparison
    sent = f"{result.requests} requests, " if result.requests else ""
    surprises = f"{len(result.surprises)} unexpected, " if result.surprises else ""
    unaccounted = f"{result.unaccounted} unaccounted" if result.accounts else "not set against any backend"
    return (
        f"{sent}{compared.traces} traces, {compared.spans} spans: {compared.equal} equal,"
        f" {compared.different} different, {surprises}{unaccounted}"
    )


def kinds(result: Result) -> str:
    """Return how many differences there are of each kind, the most frequent first."""
    counts = Counter(one.fact for one in result.differences)
    return ", ".join(f"{fact} {count}" for fact, count in counts.most_common())


def _first_of_each(differences: tuple[Difference, ...]) -> list[Difference]:
    firsts: dict[str, Difference] = {}
    for one in differences:
        firsts.setdefault(one.fact, one)
    others = (one for one in differences if one is not firsts[one.fact])
    return [*firsts.values(), *others][:DIFFERENCES_SHOWN]


def _shown(value: Any) -> str:
    text = scrub(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _VALUE_MAX_CHARACTERS else f"{text[: _VALUE_MAX_CHARACTERS - 3]}..."
