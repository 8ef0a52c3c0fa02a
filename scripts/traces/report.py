"""Trace lists and service graphs as tables and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from scripts.traces.reading import started

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_xray.type_defs import ServiceTypeDef, TraceSummaryTypeDef


def to_json(document: object) -> str:
    """Return *document* as JSON; times become RFC 3339 in UTC."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")


def status_of(summary: TraceSummaryTypeDef) -> str:
    """Return a trace's worst status: ``fault``, ``throttle``, ``error``, ``in progress`` or ``ok``."""
    if summary.get("HasFault"):
        return "fault"
    if summary.get("HasThrottle"):
        return "throttle"
    if summary.get("HasError"):
        return "error"
    return "in progress" if summary.get("IsPartial") else "ok"


def summary_table(summaries: Sequence[TraceSummaryTypeDef]) -> Table:
    """Return trace summaries as a table, one line each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("trace", "began", "ms", "status", "http", "request"):
        table.add_column(name, overflow="fold", justify="right" if name == "ms" else "left")
    for summary in summaries:
        http = summary.get("Http", {})
        took = summary.get("ResponseTime", summary.get("Duration"))
        table.add_row(
            summary["Id"],
            datetime.fromtimestamp(started(summary), UTC).strftime("%H:%M:%S"),
            "" if took is None else f"{took * 1000:.1f}",
            status_of(summary),
            str(http.get("HttpStatus", "")),
            Text(f"{http.get('HttpMethod', '')} {http.get('HttpURL', '')}".strip()),
        )
    return table


def graph_table(services: Sequence[ServiceTypeDef]) -> Table:
    """Return the service graph as a table: each service, its requests, and what it calls."""
    names = {service.get("ReferenceId"): _label(service) for service in services}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("service", "type", "requests", "errors", "faults", "mean ms", "calls"):
        table.add_column(name, overflow="fold")
    for service in services:
        statistics: dict[str, Any] = dict(service.get("SummaryStatistics", {}))
        total = statistics.get("TotalCount", 0)
        seconds = statistics.get("TotalResponseTime", 0.0)
        calls = [names.get(edge.get("ReferenceId"), "?") for edge in service.get("Edges", [])]
        table.add_row(
            Text(_label(service)),
            str(service.get("Type", "")),
            str(total),
            str(statistics.get("ErrorStatistics", {}).get("TotalCount", 0)),
            str(statistics.get("FaultStatistics", {}).get("TotalCount", 0)),
            f"{seconds / total * 1000:.1f}" if total else "",
            Text(", ".join(calls)),
        )
    return table


def _label(service: ServiceTypeDef) -> str:
    return str(service.get("Name", "?"))
