"""``python -m bench.honeycomb_process <store|list> <spans> <seconds> <end>``: stores spans, asks for answers.

One line of JSON: the median seconds of P99(duration_ms) by route and of a heatmap, over all that is stored
and over the last ten minutes; what they answered; and how many bytes the spans have resident.
"""

from __future__ import annotations

import gc
import json
import math
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil

from bench.honeycomb_spans import DATASET, spans
from localcloud.honeycomb.query.engine import run
from localcloud.honeycomb.query.heatmaps import bin_width
from localcloud.honeycomb.query.specification import read
from localcloud.honeycomb.store import EventStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.honeycomb.events import Event

ROUNDS = 7
LIST_ROUNDS = 3
WINDOW_SECONDS = 600
STEP_SPANS = 1_000
BUCKET_SECONDS = 120
P99 = "P99(duration_ms)"
HEATMAP = "HEATMAP(duration_ms)"


def main(arguments: list[str]) -> int:
    """Print the line."""
    kind = arguments[0]
    count, seconds, end = map(int, arguments[1:])
    before = _resident()
    made = spans(count, end - seconds, seconds)
    if kind == "store":
        ask, rounds = _stored(made, end), ROUNDS
    else:
        ask, rounds = _listed(made, end), LIST_ROUNDS
    gc.collect()
    told: dict[str, Any] = {"resident_bytes": _resident() - before}
    for calculation in (P99, HEATMAP):
        for name, window in (("whole", seconds), ("window", min(WINDOW_SECONDS, seconds))):
            taken = []
            for _ in range(rounds):
                began = time.perf_counter()
                answer = ask(calculation, window)
                taken.append(time.perf_counter() - began)
            told[f"{calculation} {name}"] = {"seconds": statistics.median(taken), "answer": answer}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _resident() -> int:
    return psutil.Process().memory_info().rss


def _stored(made: Any, end: int) -> Callable[[str, int], Any]:
    store = EventStore()
    while part := [event for _, event in zip(range(STEP_SPANS), made, strict=False)]:
        store.add(part)
    store.flush()
    store.compact()

    def ask(calculation: str, window: int) -> Any:
        op, column = calculation.removesuffix(")").split("(")
        document = {
            "calculations": [{"op": op, "column": column}],
            "breakdowns": ["http.route"] if op == "P99" else [],
            "start_time": end - window,
            "end_time": end,
            "granularity": BUCKET_SECONDS,
        }
        found = run(store, DATASET, read(document), now=end * 10**9, disable_series=op == "P99")
        if op == "P99":
            return {row["data"]["http.route"]: row["data"][P99] for row in found.results}
        return [
            [point["time"], one["low"], one["count"]]
            for point in found.series
            for one in point["data"][HEATMAP]
        ]

    return ask


def _listed(made: Any, end: int) -> Callable[[str, int], Any]:
    events: list[Event] = list(made)

    def ask(calculation: str, window: int) -> Any:
        start = (end - window) * 10**9
        inside = [event for event in events if start <= event.time < end * 10**9]
        return _percentiles(inside) if calculation == P99 else _bins(inside)

    return ask


def _percentiles(events: list[Event]) -> dict[str, float]:
    routes: dict[Any, list[tuple[Any, int]]] = {}
    for event in events:
        number = (event.fields["duration_ms"], event.sample_rate)
        routes.setdefault(event.fields["http.route"], []).append(number)
    return {route: _percentile(sorted(numbers)) for route, numbers in routes.items()}


def _percentile(numbers: list[tuple[float, int]]) -> float:
    wanted = sum(rate for _, rate in numbers) * 990
    below = 0
    for number, rate in numbers:
        below += rate * 1000
        if below >= wanted:
            return number
    raise ValueError("there are no numbers")


def _bins(events: list[Event]) -> list[list[Any]]:
    numbers: list[Any] = [event.fields["duration_ms"] for event in events]
    width = bin_width(min(numbers), max(numbers))
    counts: dict[tuple[int, int], int] = {}
    for event, number in zip(events, numbers, strict=True):
        place = (event.time // 10**9 // BUCKET_SECONDS, math.floor(number / width))
        counts[place] = counts.get(place, 0) + event.sample_rate
    return [
        [
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(part * BUCKET_SECONDS)),
            low * width,
            counts[part, low],
        ]
        for part, low in sorted(counts)
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
