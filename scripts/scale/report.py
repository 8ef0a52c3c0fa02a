"""The report: for a person, as Markdown, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from scripts.scale.tables import assumptions, findings, sources, tables

if TYPE_CHECKING:
    from scripts.forecast.report import Rows
    from scripts.output import Output
    from scripts.scale.result import Drawn, Result


def show(result: Result, output: Output) -> None:
    """Print the report for a person."""
    for rows in tables(result):
        output.say(rows.title, style="bold")
        output.show(_table(rows))
        output.say("")
    for line in findings(result):
        output.say(line)
    output.say("")
    for line in (*assumptions(result), *sources(result)):
        output.say(line, style="dim")


def _table(rows: Rows) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows.columns:
        table.add_column(name.removeprefix(">"), justify="right", overflow="fold")
    for row in rows.rows:
        table.add_row(*row)
    return table


def to_markdown(result: Result) -> str:
    """Return the tables, the findings and the assumptions; docs/scale.md holds the tables as they are."""
    blocks = [f"**{rows.title}**\n\n{markdown_table(rows)}" for rows in tables(result)]
    lines = [f"- {line}" for line in (*findings(result), *assumptions(result), *sources(result))]
    return "\n".join([*blocks, "\n".join(lines) + "\n"])


def markdown_table(rows: Rows) -> str:
    """Return one table; nothing in it is anybody's text."""
    head = " | ".join(name.removeprefix(">") for name in rows.columns)
    rule = " | ".join("---:" for _ in rows.columns)
    return "\n".join([f"| {head} |", f"| {rule} |", *(f"| {' | '.join(row)} |" for row in rows.rows)]) + "\n"


def to_json(result: Result) -> str:
    """Return everything as numbers: rates a second, costs a month, memory in MiB."""
    document = {
        "load": asdict(result.load),
        "currency": result.currency,
        "region": result.tariff.aws.region,
        "tasks": [
            {
                **asdict(one),
                "sampled_share": one.sampled_share,
                "bill": {**asdict(one.bill), "total": one.bill.total},
                "ways": asdict(way),
            }
            for one, way in zip(result.scaled, result.compared, strict=True)
        ],
        "gateway_pays_from_tasks": result.pays_from,
        "simulated": [
            {"tasks": one.tasks, "seconds": one.seconds, "head": _drawn(one.head), "tail": _drawn(one.tail)}
            for one in result.drawn
        ],
        "findings": list(findings(result)),
        "assumptions": list(assumptions(result)),
        "prices": {name: asdict(price) for name, price in result.tariff.aws.named()},
    }
    return json.dumps(document, indent=2) + "\n"


def _drawn(one: Drawn) -> dict[str, Any]:
    return {**asdict(one), "deviations": one.deviations}


def summary(result: Result) -> str:
    """Return the last line: the largest number of tasks."""
    most = max(result.scaled, key=lambda one: one.tasks)
    passed = f"; {len(most.reached)} limits passed" if most.reached else ""
    return (
        f"scale: {most.tasks} tasks, {most.sampled.requests:,.0f} requests/s, {most.sampled.traces:,.0f}"
        f" traced; {result.currency} {most.bill.total:,.2f} a month{passed}"
    )
