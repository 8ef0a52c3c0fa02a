"""``local.ingest``: segments a second into the local X-Ray, against moto's own server in turns with it.

50 documents a call over HTTP, on two connections, until GetTraceSummaries tells of every trace.
``local.ingest.flat`` is the rate while the store goes from 900,000 to 1,000,000 segments, against the rate
while it goes from 10,000 to 110,000; ``local.ingest.memory`` is what the local cloud has resident by then,
against what it had empty.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil

from bench import local_xray
from bench.commands import CommandFailedError
from bench.figures import Figure, interleaved
from bench.local_segments import TRACE_DOCUMENTS, bodies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.local_xray import XRay

NAMES = ("local.ingest",)
SEGMENTS = 100_000
ROUNDS = 3
WARM_UP_SEGMENTS = 10_000
"""Of an earlier time: whatever a server does at its first segments isn't measured."""
STORED_SEGMENTS = 1_000_000
STEP_SEGMENTS = 100_000
SETTLED_SEGMENTS = 10_000
WINDOW_SECONDS = 600.0
MIB = 1024 * 1024


def measure() -> Iterator[Figure]:
    """Yield the figures. Raises CommandFailedError where an X-Ray fails or doesn't tell of every trace."""
    rates = interleaved(
        {
            "ours": partial(_rate, local_xray.ours, _processed),
            "moto": partial(_rate, local_xray.motos, _listed),
        },
        ROUNDS,
    )
    yield Figure.of("local.ingest", rates["ours"], "segments/s", rates["moto"])
    with local_xray.ours() as xray:
        process = psutil.Process(xray.pid)
        empty = _resident(process)
        begin = time.time() - WINDOW_SECONDS
        xray.put(bodies(SETTLED_SEGMENTS, start=begin, seconds=WINDOW_SECONDS))
        steps = [_step(xray, begin, number) for number in range(STORED_SEGMENTS // STEP_SEGMENTS)]
        full = _resident(process)
    yield Figure.of("local.ingest.flat", steps[-1], "segments/s", steps[0])
    yield Figure.of("local.ingest.memory", full / MIB, "MiB", empty / MIB)


def _rate(run: Callable[[], AbstractContextManager[XRay]], seen: Callable[[XRay, float], int]) -> float:
    begin = time.time() - WINDOW_SECONDS
    before = bodies(WARM_UP_SEGMENTS, start=begin - 2 * WINDOW_SECONDS, seconds=WINDOW_SECONDS)
    sent = bodies(SEGMENTS, start=begin, seconds=WINDOW_SECONDS)
    with run() as xray:
        xray.put(before)
        _check(seen(xray, begin - 2 * WINDOW_SECONDS), WARM_UP_SEGMENTS)
        began = time.perf_counter()
        xray.put(sent)
        _check(seen(xray, begin), SEGMENTS)
        return SEGMENTS / (time.perf_counter() - began)


def _step(xray: XRay, begin: float, number: int) -> float:
    sent = bodies(STEP_SEGMENTS, start=begin, seconds=WINDOW_SECONDS)
    began = time.perf_counter()
    xray.put(sent)
    _check(_processed(xray, begin), SETTLED_SEGMENTS + (number + 1) * STEP_SEGMENTS)
    return STEP_SEGMENTS / (time.perf_counter() - began)


def _summaries(xray: XRay, begin: float) -> Any:
    range_ = {"StartTime": int(begin), "EndTime": int(begin + WINDOW_SECONDS) + 2}
    return xray.call("/TraceSummaries", range_)


def _processed(xray: XRay, begin: float) -> int:
    return int(_summaries(xray, begin)["TracesProcessedCount"])


def _listed(xray: XRay, begin: float) -> int:
    """Return how many there are in moto's one page: it counts nothing."""
    return len(_summaries(xray, begin)["TraceSummaries"])


def _check(found: int, segments: int) -> None:
    if found != segments // TRACE_DOCUMENTS:
        raise CommandFailedError(f"{segments} segments were taken, and {found} traces are told of")


def _resident(process: psutil.Process) -> int:
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
