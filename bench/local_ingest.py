"""``local.ingest``: segments a second into the local X-Ray, against moto's own server in turns with it.

50 documents a call over HTTP, on two connections, until the last call is answered;
``local.ingest.readable`` is the same until GetTraceSummaries tells of every trace as well.
``local.ingest.flat`` and ``local.ingest.readable.flat`` are these rates while the store goes from 900,000 to
1,000,000 segments, against those while it goes from 10,000 to 110,000; here what was taken can be read when
the last trace of it is told. ``local.ingest.memory`` is what the local cloud has resident by then, against
what it had empty.
"""

from __future__ import annotations

import json
import statistics
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from bench import local_xray
from bench.commands import CommandFailedError
from bench.figures import Figure
from bench.local_segments import TRACE_DOCUMENTS, bodies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


@dataclass(frozen=True)
class _Rates:
    """Segments a second until all were taken, and until all could be read."""

    taken: float
    readable: float


def measure() -> Iterator[Figure]:
    """Yield the figures. Raises CommandFailedError where an X-Ray fails or doesn't tell of every trace."""
    ours, motos = [], []
    for _ in range(ROUNDS):
        ours.append(_rates(local_xray.ours, _processed))
        motos.append(_rates(local_xray.motos, _listed))
    yield _compared("local.ingest", [one.taken for one in ours], [one.taken for one in motos])
    yield _compared("local.ingest.readable", [one.readable for one in ours], [one.readable for one in motos])
    with local_xray.ours() as xray:
        process = psutil.Process(xray.pid)
        empty = _resident(process)
        begin = time.time() - WINDOW_SECONDS
        xray.put(bodies(SETTLED_SEGMENTS, start=begin, seconds=WINDOW_SECONDS))
        _check(_processed(xray, begin), SETTLED_SEGMENTS)
        steps = [_step(xray, begin, number) for number in range(STORED_SEGMENTS // STEP_SEGMENTS)]
        full = _resident(process)
    yield Figure.of("local.ingest.flat", steps[-1].taken, "segments/s", steps[0].taken)
    yield Figure.of("local.ingest.readable.flat", steps[-1].readable, "segments/s", steps[0].readable)
    yield Figure.of("local.ingest.memory", full / MIB, "MiB", empty / MIB)


def _compared(name: str, ours: Sequence[float], motos: Sequence[float]) -> Figure:
    return Figure.of(name, statistics.median(ours), "segments/s", statistics.median(motos))


def _rates(run: Callable[[], AbstractContextManager[XRay]], seen: Callable[[XRay, float], int]) -> _Rates:
    begin = time.time() - WINDOW_SECONDS
    before = bodies(WARM_UP_SEGMENTS, start=begin - 2 * WINDOW_SECONDS, seconds=WINDOW_SECONDS)
    sent = bodies(SEGMENTS, start=begin, seconds=WINDOW_SECONDS)
    with run() as xray:
        xray.put(before)
        _check(seen(xray, begin - 2 * WINDOW_SECONDS), WARM_UP_SEGMENTS)
        began = time.perf_counter()
        taken = xray.put(sent)
        _check(seen(xray, begin), SEGMENTS)
        return _Rates(SEGMENTS / taken, SEGMENTS / (time.perf_counter() - began))


def _step(xray: XRay, begin: float, number: int) -> _Rates:
    sent = bodies(STEP_SEGMENTS, start=begin, seconds=WINDOW_SECONDS)
    last = json.loads(json.loads(sent[-1])["TraceSegmentDocuments"][-1])["trace_id"]
    began = time.perf_counter()
    taken = xray.put(sent)
    found = xray.call("/Traces", {"TraceIds": [last]})["Traces"]
    readable = time.perf_counter() - began
    if len(found) != 1:
        raise CommandFailedError(f"trace {last} was taken, and isn't found")
    _check(_processed(xray, begin), SETTLED_SEGMENTS + (number + 1) * STEP_SEGMENTS)
    return _Rates(STEP_SEGMENTS / taken, STEP_SEGMENTS / readable)


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
