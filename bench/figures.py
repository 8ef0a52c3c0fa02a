"""What a benchmark gives: one line of JSON for each figure."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Figure:
    """``value`` and ``baseline`` are in ``unit``, of the same run; ``ratio`` is value to baseline."""

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float

    @classmethod
    def of(cls, name: str, value: float, unit: str, baseline: float) -> Figure:
        """Return a figure with its ratio. Raises ValueError where the baseline is not above zero."""
        if baseline <= 0:
            raise ValueError(f"{name}: the baseline is {baseline} {unit}, there is no ratio: use more rounds")
        return cls(name, round(value, 4), unit, round(baseline, 4), round(value / baseline, 3))


def interleaved(variants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Run every variant once a round, in turns, and return each one's median: what drifts hits all alike."""
    samples: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, variant in variants.items():
            samples[name].append(variant())
    return {name: statistics.median(values) for name, values in samples.items()}


def write(figures: Iterable[Figure]) -> Path:
    """Append the figures to a file of today's under ``bench/results`` and return it."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}.jsonl"
    with path.open("a") as target:
        target.writelines(f"{as_line(figure)}\n" for figure in figures)
    return path


def as_line(figure: Figure) -> str:
    """Return the figure as one line of JSON."""
    return json.dumps(asdict(figure))


def matching(names: Sequence[str], wanted: str | None) -> list[str]:
    """Return the names that begin with *wanted*, or all of them."""
    return [name for name in names if wanted is None or name.startswith(wanted)]
