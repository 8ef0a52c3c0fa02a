"""``honeycomb.p99`` and ``honeycomb.heatmap``: queries over 1,000,000 spans in the local Honeycomb's store.

P99(duration_ms) by route, and a heatmap of it in parts of two minutes, weighted by sample rates as most of
the spans have one. The baseline is the same over a plain list of the same events: grouped in dicts and
sorted; both must answer the same. `.outside` is a window of ten minutes with ten times as many spans outside
of it, against the same window with nothing outside. `honeycomb.memory` is what a million spans have resident
in the store, against the list.
"""

from __future__ import annotations

import json
import math
import sys
import time
from typing import TYPE_CHECKING, Any

from bench import commands
from bench.figures import Figure
from bench.honeycomb_process import HEATMAP, P99, WINDOW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("honeycomb.p99", "honeycomb.heatmap", "honeycomb.memory")
SPANS = 1_000_000
OUTSIDE = 10
MIB = 1024 * 1024


def measure() -> Iterator[Figure]:
    """Yield the figures, in seconds. Raises CommandFailedError where the two answer differently."""
    seconds = WINDOW_SECONDS * (OUTSIDE + 1)
    end = int(time.time())
    store = _told("store", SPANS, seconds, end)
    alone = _told("store", SPANS // (OUTSIDE + 1), WINDOW_SECONDS, end)
    plain = _told("list", SPANS, seconds, end)
    for name, calculation in (("honeycomb.p99", P99), ("honeycomb.heatmap", HEATMAP)):
        whole = f"{calculation} whole"
        if not _alike(store[whole]["answer"], plain[whole]["answer"]):
            raise commands.CommandFailedError(f"{name}: the store and a plain list don't answer the same")
        yield Figure.of(name, store[whole]["seconds"], "s", plain[whole]["seconds"])
        window = f"{calculation} window"
        yield Figure.of(f"{name}.outside", store[window]["seconds"], "s", alone[window]["seconds"])
    yield Figure.of("honeycomb.memory", store["resident_bytes"] / MIB, "MiB", plain["resident_bytes"] / MIB)


def _told(kind: str, *numbers: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.honeycomb_process", kind, *map(str, numbers)]
    told: dict[str, Any] = json.loads(commands.output(command))
    return told


def _alike(ours: Any, plain: Any) -> bool:
    """Whether two answers are the same, but for how times and the bounds of bins are rounded."""
    if isinstance(ours, dict):
        return bool(ours == plain)
    counts = [[one[2] for one in answer] for answer in (ours, plain)]
    bounds = [[one[1] for one in answer] for answer in (ours, plain)]
    return counts[0] == counts[1] and all(
        math.isclose(mine, other, rel_tol=1e-9) for mine, other in zip(*bounds, strict=True)
    )
