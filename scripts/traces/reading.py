"""Traces read from X-Ray with boto3: summaries, one trace's documents, the service graph."""

from __future__ import annotations

import heapq
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError
from scripts.traces.patience import patiently
from scripts.traces.times import WINDOW_MAX, Range
from xray.names import from_xray_trace_id, to_xray_trace_id
from xray.trace_header import parse_trace_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_xray import XRayClient
    from mypy_boto3_xray.type_defs import ServiceTypeDef, TraceSummaryTypeDef

    from scripts.traces.clock import ServiceClock

GRAPH_WINDOW = WINDOW_MAX
_W3C = re.compile(r"[0-9a-f]{32}")
_TRACEPARENT = re.compile(r"(?:traceparent:\s*)?[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_HEADER_NAME = re.compile(r"x-amzn-trace-id:\s*")


@dataclass(frozen=True)
class Listed:
    """The newest traces of a range, the newest first.

    ``more`` counts those found beyond them; what began before ``looked_from`` was not looked at.
    """

    traces: Sequence[TraceSummaryTypeDef]
    more: int
    looked_from: datetime


def pages(
    client: XRayClient,
    asked: Range,
    filter_expression: str,
    *,
    updated: bool = False,
    clock: ServiceClock | None = None,
) -> Iterator[TraceSummaryTypeDef]:
    """Yield the summaries of the traces that began in *asked*, or, with *updated*, changed in it.

    They come in no order. *asked* is six hours long at most. *clock* learns the time of each answer.
    """
    request: dict[str, Any] = {"StartTime": asked.begin, "EndTime": asked.end}
    if updated:
        request["TimeRangeType"] = "Event"
    if filter_expression:
        request["FilterExpression"] = filter_expression
    for page in client.get_paginator("get_trace_summaries").paginate(**request):
        if clock is not None:
            clock.note(page["ResponseMetadata"]["HTTPHeaders"])
        yield from page["TraceSummaries"]


def newest(client: XRayClient, asked: Range, *, filter_expression: str, limit: int) -> Listed:
    """Return the newest *limit* traces that began in *asked*.

    The search goes back window by window, and ends with the one that has the last of them.
    """
    known: set[str] = set()
    kept: list[tuple[float, str, TraceSummaryTypeDef]] = []
    looked_from = asked.end

    def take(window: Range) -> None:
        for summary in pages(client, window, filter_expression):
            if summary["Id"] not in known:
                known.add(summary["Id"])
                entry = (started(summary), summary["Id"], summary)
                (heapq.heappush if len(kept) < limit else heapq.heappushpop)(kept, entry)

    for window in asked.windows():
        patiently(partial(take, window))
        looked_from = window.begin
        if len(known) > limit:
            break
    ordered = [summary for _, _, summary in sorted(kept, key=lambda entry: entry[:2], reverse=True)]
    return Listed(ordered, len(known) - len(kept), looked_from)


def summaries(client: XRayClient, *, since_seconds: int, filter_expression: str) -> list[TraceSummaryTypeDef]:
    """Return the summaries of all traces that began in the last *since_seconds*, the newest first."""
    end = datetime.now(UTC)
    found: dict[str, TraceSummaryTypeDef] = {}
    for window in Range(end - timedelta(seconds=since_seconds), end).windows():
        found.update({summary["Id"]: summary for summary in pages(client, window, filter_expression)})
    return sorted(found.values(), key=started, reverse=True)


def started(summary: TraceSummaryTypeDef) -> float:
    """Return when the trace began, in epoch seconds; without a start time, the second its id carries."""
    time = summary.get("StartTime")
    return time.timestamp() if time else float(int(summary["Id"].split("-")[1], 16))


def normal_trace_id(text: str) -> str:
    """Return the trace id in *text* as X-Ray writes it.

    *text* is that, OpenTelemetry's 32 hex digits, or a whole X-Amzn-Trace-Id or traceparent, as pasted from a
    log. Raises OperatorError where it is none of these.
    """
    bare = text.strip().lower()
    parent = _TRACEPARENT.fullmatch(bare)
    digits = parent[1] if parent else bare
    try:
        if _W3C.fullmatch(digits):
            return to_xray_trace_id(int(digits, 16) or _no_id(text))
        root = parse_trace_header(_HEADER_NAME.sub("", bare, count=1)).trace_id
        return to_xray_trace_id(from_xray_trace_id(bare) if root is None else root)
    except ValueError as error:
        raise OperatorError(
            f"{text[:200]!r} is no trace id",
            remedy="write it as 1-<8 hex>-<24 hex>, or as 32 hex digits, or paste the whole header",
        ) from error


def _no_id(text: str) -> int:
    raise ValueError(text)


@dataclass(frozen=True)
class Fetched:
    """One trace's segment documents; ``cut_off`` tells that it is larger than X-Ray keeps or returns."""

    documents: Sequence[Mapping[str, Any]]
    cut_off: bool


def documents(client: XRayClient, trace_id: str) -> Sequence[Mapping[str, Any]]:
    """Return the segment documents of *trace_id*. Raises OperatorError where X-Ray has none."""
    return fetch(client, trace_id).documents


def fetch(client: XRayClient, trace_id: str) -> Fetched:
    """Return what X-Ray has of *trace_id*. Raises OperatorError where that is nothing."""
    found = client.get_paginator("batch_get_traces").paginate(TraceIds=[trace_id])
    traces = patiently(lambda: [trace for page in found for trace in page["Traces"]])
    segments = [
        json.loads(segment["Document"])
        for trace in traces
        for segment in trace["Segments"]
        if segment.get("Document")
    ]
    if not segments:
        raise OperatorError(
            f"X-Ray has no trace {trace_id}",
            remedy="it was not sampled, or has not arrived yet; `make traces` lists what is there",
        )
    return Fetched(segments, any(trace.get("LimitExceeded") for trace in traces))


@dataclass(frozen=True)
class ServiceGraph:
    """The services of a range; ``old_versions`` tells that the group's filter changed within it."""

    services: Sequence[ServiceTypeDef]
    old_versions: bool


def service_graph(client: XRayClient, asked: Range, *, group: str = "") -> ServiceGraph:
    """Return the services that X-Ray saw in *asked*, of *group*'s traces or of all.

    Raises OperatorError where that is longer than six hours.
    """
    if asked.end - asked.begin > GRAPH_WINDOW:
        raise OperatorError(
            "X-Ray draws its service graph over 6 hours at most", remedy="set SINCE=6h or less"
        )
    request: dict[str, Any] = {"StartTime": asked.begin, "EndTime": asked.end}
    if group:
        request["GroupName"] = group
    found = patiently(lambda: list(client.get_paginator("get_service_graph").paginate(**request)))
    return ServiceGraph(
        [service for page in found for service in page["Services"]],
        any(page.get("ContainsOldGroupVersions") for page in found),
    )
