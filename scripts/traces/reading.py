"""Traces read from X-Ray with boto3: summaries, one trace's documents, the service graph."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError
from xray.names import from_xray_trace_id, to_xray_trace_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_xray import XRayClient
    from mypy_boto3_xray.type_defs import ServiceTypeDef, TraceSummaryTypeDef

SUMMARIES_WINDOW = timedelta(hours=6)
GRAPH_WINDOW = timedelta(hours=6)
_W3C = re.compile(r"[0-9a-f]{32}")


def summaries(client: XRayClient, *, since_seconds: int, filter_expression: str) -> list[TraceSummaryTypeDef]:
    """Return the summaries of the traces that began in the last *since_seconds*, the newest first.

    Asked for in windows of six hours at most. Source of the limit: public reports; the model gives none.
    """
    end = datetime.now(UTC)
    begin = end - timedelta(seconds=since_seconds)
    pages = client.get_paginator("get_trace_summaries")
    found: dict[str, TraceSummaryTypeDef] = {}
    while begin < end:
        until = min(end, begin + SUMMARIES_WINDOW)
        request: dict[str, Any] = {"StartTime": begin, "EndTime": until}
        if filter_expression:
            request["FilterExpression"] = filter_expression
        for page in pages.paginate(**request):
            found.update({summary["Id"]: summary for summary in page["TraceSummaries"]})
        begin = until
    return sorted(found.values(), key=started, reverse=True)


def started(summary: TraceSummaryTypeDef) -> float:
    """Return when the trace began, in epoch seconds; without a start time, the second its id carries."""
    time = summary.get("StartTime")
    return time.timestamp() if time else float(int(summary["Id"].split("-")[1], 16))


def normal_trace_id(text: str) -> str:
    """Return *text*, in X-Ray's form or as OpenTelemetry's 32 hex digits, in X-Ray's form.

    Raises OperatorError where it is neither.
    """
    bare = text.strip().lower()
    try:
        return to_xray_trace_id(int(bare, 16) if _W3C.fullmatch(bare) else from_xray_trace_id(bare))
    except ValueError as error:
        raise OperatorError(
            f"{text!r} is no trace id", remedy="write it as 1-<8 hex>-<24 hex>, or as 32 hex digits"
        ) from error


def documents(client: XRayClient, trace_id: str) -> list[Mapping[str, Any]]:
    """Return the segment documents of *trace_id*. Raises OperatorError where X-Ray has none."""
    pages = client.get_paginator("batch_get_traces").paginate(TraceIds=[trace_id])
    traces = [trace for page in pages for trace in page["Traces"]]
    found = [
        json.loads(segment["Document"])
        for trace in traces
        for segment in trace["Segments"]
        if segment.get("Document")
    ]
    if not found:
        raise OperatorError(
            f"X-Ray has no trace {trace_id}",
            remedy="it was not sampled, or has not arrived yet; `make traces` lists what is there",
        )
    return found


def service_graph(client: XRayClient, *, since_seconds: int) -> list[ServiceTypeDef]:
    """Return the services that X-Ray saw in the last *since_seconds*, six hours at most."""
    window = timedelta(seconds=since_seconds)
    if window > GRAPH_WINDOW:
        raise OperatorError(
            "X-Ray draws its service graph over 6 hours at most", remedy="set SINCE=6h or less"
        )
    end = datetime.now(UTC)
    pages = client.get_paginator("get_service_graph").paginate(StartTime=end - window, EndTime=end)
    return [service for page in pages for service in page["Services"]]
