"""One trace as X-Ray has it and as Honeycomb has it, side by side."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import requests
from rich.columns import Columns
from rich.console import Group
from rich.panel import Panel

from scripts.errors import OperatorError
from scripts.traces import reading, trees
from scripts.traces.spans import INFERRED
from scripts.waterfall import draw, walk
from xray.names import from_xray_trace_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_xray import XRayClient
    from rich.console import RenderableType

    from scripts.waterfall import Span

DEADLINE_SECONDS = 30.0
REQUEST_TIMEOUT_SECONDS = 10.0
SIDE_BY_SIDE_COLUMNS = 150
_POLL_SECONDS = 0.25


def wait(
    client: XRayClient, honeycomb_address: str, trace_id: str
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the trace from X-Ray and from Honeycomb once each has the whole of it, with the same spans.

    Raises OperatorError, which says how many spans each has, where that does not come about.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        xray, honeycomb = _from_xray(client, trace_id), _from_honeycomb(honeycomb_address, trace_id)
        # a root ends last: with one root in each, nothing that belongs below it is still on its way
        if len(xray) == len(honeycomb) == 1 and ids(xray) == ids(honeycomb):
            return xray, honeycomb
        if time.monotonic() > deadline:
            raise OperatorError(
                f"trace {trace_id}: X-Ray has {len(ids(xray))} spans, Honeycomb has {len(ids(honeycomb))}",
                remedy="look at the backend's /health/tracing and at .local/localcloud.log",
            )
        time.sleep(_POLL_SECONDS)


def _from_xray(client: XRayClient, trace_id: str) -> tuple[Span, ...]:
    try:
        return trees.from_documents(reading.documents(client, trace_id))
    except OperatorError:
        return ()


def _from_honeycomb(address: str, trace_id: str) -> tuple[Span, ...]:
    url = f"{address}/_localcloud/traces/{from_xray_trace_id(trace_id):032x}"
    answer = requests.get(url, timeout=REQUEST_TIMEOUT_SECONDS)
    return trees.from_events(answer.json()["events"]) if answer.ok else ()


def ids(roots: Sequence[Span]) -> set[str]:
    """Return the ids of the spans that somebody sent: X-Ray infers others."""
    return {span.id for _, span in walk(roots) if INFERRED not in span.marks}


def side_by_side(
    xray: Sequence[Span], honeycomb: Sequence[Span], trace_id: str, *, width: int
) -> RenderableType:
    """Return both waterfalls, side by side where the terminal is wide enough, else one below the other."""
    # a panel's frame takes four columns, the space between two of them one
    half = width // 2 - 5 if width >= SIDE_BY_SIDE_COLUMNS else None
    panels = [
        Panel(draw(xray, width=half), title=f"X-Ray  {trace_id}", title_align="left"),
        Panel(
            draw(honeycomb, width=half),
            title=f"Honeycomb  {from_xray_trace_id(trace_id):032x}",
            title_align="left",
        ),
    ]
    return Columns(panels) if width >= SIDE_BY_SIDE_COLUMNS else Group(*panels)
