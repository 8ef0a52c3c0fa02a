"""All that is reckoned of one question, and what was drawn to check it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from scripts.scale import reckoning, tail
from xray.forecast.expectation import of_poisson
from xray.forecast.simulation import poisson_seconds, simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.scale.bill import Tariff
    from scripts.scale.load import Load
    from scripts.scale.reckoning import Scaled
    from scripts.scale.tail import Compared

SEED = 4567
DRAWN_MAX = 3_000_000
"""Requests that are drawn for one number of tasks: some seconds of a processor."""


@dataclass(frozen=True)
class Drawn:
    """An expected number of traces, its standard deviation, and how many were drawn."""

    expected: float
    deviation: float
    found: int

    @property
    def deviations(self) -> float:
        """How far off, in standard deviations."""
        return (self.found - self.expected) / self.deviation if self.deviation > 0 else 0.0


@dataclass(frozen=True)
class Simulated:
    """Of *seconds* seconds: what the rule sampled, and what a gateway would have kept."""

    tasks: int
    seconds: int
    head: Drawn
    tail: Drawn


@dataclass(frozen=True)
class Result:
    """For each number of tasks one of each; `drawn` is empty where nothing was simulated."""

    load: Load
    tariff: Tariff
    scaled: tuple[Scaled, ...]
    compared: tuple[Compared, ...]
    pays_from: int | None
    drawn: tuple[Simulated, ...]

    @property
    def currency(self) -> str:
        """The prices' currency."""
        return self.tariff.sinks.currency


def reckon(tasks: Sequence[int], load: Load, tariff: Tariff, seconds: int = 0) -> Result:
    """Return everything for each of *tasks*; *seconds* of it are simulated, with one seed."""
    return Result(
        load,
        tariff,
        tuple(reckoning.scaled(one, load, tariff) for one in tasks),
        tuple(tail.compared(one, load, tariff) for one in tasks),
        tail.pays_from(load, tariff),
        tuple(drawn(one, load, seconds, Random(SEED)) for one in tasks) if seconds else (),  # noqa: S311
    )


def drawn(tasks: int, load: Load, seconds: int, random: Random) -> Simulated:
    """Return *seconds* seconds of *tasks* tasks, request by request, beside the closed form.

    Where that would be more than three million requests, fewer seconds are drawn, at least one.
    """
    requests = tasks * load.requests_per_second
    seconds = max(1, min(seconds, int(DRAWN_MAX / requests)))
    workers = tasks * load.workers
    arrivals = list(poisson_seconds([requests], seconds, random))
    by_reservoir, by_rate = simulate(arrivals, load.reservoir, load.fixed_rate, workers, random)
    found = by_reservoir.total() + by_rate.total()
    one = of_poisson(requests, load.reservoir, load.fixed_rate, workers)
    number = sum(map(len, arrivals))
    kept, _ = tail.simulate(number, load, random)
    share = tail.kept_share(load)
    return Simulated(
        tasks,
        seconds,
        Drawn(one.traces * seconds, math.sqrt(one.variance * seconds), found),
        Drawn(number * share, math.sqrt(number * share * (1 - share)), kept),
    )
