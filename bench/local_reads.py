"""``local.summaries`` and ``local.service_graph``: reads of ten minutes among 1,000,000 stored segments.

Ours: the window has a part of the segments, ten times as many are outside of it. Baseline: the window has as
many, and nothing is outside: the ratio says whether a read grows with what it isn't asked for. The figures
``.dense`` are with all 1,000,000 segments in the window, against the same baseline.
``local.service_graph.spread`` is with as many segments as the baseline
has, of 20 services, 80 edges and response times that all differ.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from bench import local_xray
from bench.commands import CommandFailedError
from bench.figures import Figure
from bench.local_segments import SERVICES, SPREAD, TRACE_DOCUMENTS, bodies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.local_xray import XRay

NAMES = ("local.summaries", "local.service_graph")
STORED_SEGMENTS = 1_000_000
OUTSIDE = 10
WINDOW_SECONDS = 600.0
STEP_SEGMENTS = 50_000
ROUNDS = 9
FILTER = 'service("orders") AND annotation.user = "u7" AND responsetime > 0.01'


def measure() -> Iterator[Figure]:
    """Yield the figures, in seconds over HTTP. Raises CommandFailedError where a read doesn't tell all."""
    inside = STORED_SEGMENTS // (OUTSIDE + 1) // STEP_SEGMENTS * STEP_SEGMENTS + STEP_SEGMENTS
    alone = _reads(inside, 0)
    ours = _reads(inside, STORED_SEGMENTS - inside)
    dense = _reads(STORED_SEGMENTS, 0)
    spread = _spread_graph(inside)
    yield Figure.of(f"{NAMES[1]}.spread", spread, "s", alone[NAMES[1]])
    for name in NAMES:
        yield Figure.of(name, ours[name], "s", alone[name])
        yield Figure.of(f"{name}.dense", dense[name], "s", alone[name])


def _reads(inside: int, outside: int) -> dict[str, float]:
    """Store segments in and before the window and return the median seconds of each read."""
    now = time.time()
    begin = now - WINDOW_SECONDS
    with local_xray.ours() as xray:
        if outside:
            _store(xray, outside, begin - OUTSIDE * WINDOW_SECONDS, OUTSIDE * WINDOW_SECONDS - 2)
        _store(xray, inside, begin, WINDOW_SECONDS - 2)
        window = {"StartTime": int(begin), "EndTime": int(begin + WINDOW_SECONDS)}
        traces = inside // TRACE_DOCUMENTS
        samples: dict[str, list[float]] = {name: [] for name in NAMES}
        for _ in range(ROUNDS):
            samples[NAMES[0]].append(_summaries(xray, window, traces))
            samples[NAMES[1]].append(_graph(xray, window, traces))
    return {name: statistics.median(values) for name, values in samples.items()}


def _spread_graph(segments: int) -> float:
    """Store spread segments and return the median seconds of their graph."""
    begin = time.time() - WINDOW_SECONDS
    with local_xray.ours() as xray:
        _store(xray, segments, begin, WINDOW_SECONDS - 2, spread=True)
        window = {"StartTime": int(begin), "EndTime": int(begin + WINDOW_SECONDS)}
        traces = segments // TRACE_DOCUMENTS
        return statistics.median(
            _graph(xray, window, traces, services=len(SERVICES) * SPREAD) for _ in range(ROUNDS)
        )


def _store(xray: XRay, segments: int, start: float, seconds: float, *, spread: bool = False) -> None:
    """Send segments in the order of their time, so many at once that they aren't all made beforehand."""
    steps = segments // STEP_SEGMENTS
    for step in range(steps):
        share = seconds / steps
        xray.put(bodies(STEP_SEGMENTS, start=start + step * share, seconds=share, spread=spread))


def _summaries(xray: XRay, window: dict[str, int], traces: int) -> float:
    began = time.perf_counter()
    page = xray.call("/TraceSummaries", {**window, "FilterExpression": FILTER})
    took = time.perf_counter() - began
    if abs(page["TracesProcessedCount"] - traces) > traces / 100 or not page["TraceSummaries"]:
        raise CommandFailedError(
            f"GetTraceSummaries looked at {page['TracesProcessedCount']} of {traces} traces"
        )
    return took


def _graph(xray: XRay, window: dict[str, int], traces: int, *, services: int = len(SERVICES)) -> float:
    began = time.perf_counter()
    graph: Any = xray.call("/ServiceGraph", window)
    took = time.perf_counter() - began
    counts = {
        service["Name"]: service["SummaryStatistics"]["TotalCount"]
        for service in graph["Services"]
        if "SummaryStatistics" in service
    }
    segments = traces * TRACE_DOCUMENTS
    if len(counts) != services or abs(sum(counts.values()) - segments) > segments / 100:
        raise CommandFailedError(f"GetServiceGraph tells of {counts}, not of {traces} traces")
    return took
