"""One number of tasks: what is sampled, what is asked of X-Ray, what each part holds and costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.scale import bill, limits, sizes
from scripts.scale.limits import Reached
from xray.forecast.expectation import borrowed_at_start, of_poisson

if TYPE_CHECKING:
    from scripts.scale.bill import Bill, Tariff
    from scripts.scale.load import Load
    from xray.forecast.expectation import Sampled

REPORT_SECONDS = 10
RULES_SECONDS = 300
"""Each worker reports, and reads the rules: backend-flask/services/tracing/rules/targets.py."""
MIB = 1024 * 1024


@dataclass(frozen=True)
class Scaled:
    """*tasks* tasks under a load. Rates are a second, of all tasks; memory is one collector's, in MiB.

    `deployment_vcpus` are what old and new tasks take together while a deployment runs.
    """

    tasks: int
    workers: int
    sampled: Sampled
    documents: float
    target_calls: float
    rule_calls: float
    borrowed: float
    collector_mib: float
    away_seconds: float
    away_mib: float
    lcus: float
    deployment_vcpus: float
    bill: Bill
    reached: tuple[Reached, ...]

    @property
    def sampled_share(self) -> float:
        """Traces of requests."""
        return self.sampled.traces / self.sampled.requests


def scaled(tasks: int, load: Load, tariff: Tariff) -> Scaled:
    """Return what *tasks* tasks under *load* do, need and cost."""
    workers = tasks * load.workers
    requests = tasks * load.requests_per_second
    sampled = of_poisson(requests, load.reservoir, load.fixed_rate, workers)
    own_spans = sampled.traces * load.spans / tasks
    away = limits.queue_seconds(own_spans)
    target_calls, rule_calls = workers / REPORT_SECONDS, workers / RULES_SECONDS
    documents = sampled.traces * load.spans
    borrowed = borrowed_at_start(requests, load.reservoir, workers)
    away_mib = _collector_mib(own_spans * away)
    return Scaled(
        tasks=tasks,
        workers=workers,
        sampled=sampled,
        documents=documents,
        target_calls=target_calls,
        rule_calls=rule_calls,
        borrowed=borrowed,
        collector_mib=_collector_mib(own_spans * limits.BATCH_SECONDS),
        away_seconds=away,
        away_mib=away_mib,
        lcus=bill.lcus(requests),
        deployment_vcpus=limits.deployment_tasks(tasks) * load.cpu / 1024,
        bill=bill.of(tasks, load, sampled.traces, target_calls + rule_calls, tariff),
        reached=tuple(_reached(tasks, load, documents, away_mib)),
    )


def _collector_mib(spans: float) -> float:
    """Return the memory of a collector that holds *spans*."""
    return sizes.COLLECTOR_IDLE_MIB + spans * sizes.COLLECTOR_BYTES / MIB


def _reached(tasks: int, load: Load, documents: float, away_mib: float) -> list[Reached]:
    """Return the limits that are passed, in the order in which they matter."""
    rolling = limits.deployment_tasks(tasks)
    found = [
        Reached(
            "X-Ray's segments a second",
            documents,
            limits.SEGMENTS_PER_SECOND,
            "ask AWS for more, or lower fixed_rate",
        ),
        Reached(
            "targets of a load balancer while a deployment runs",
            rolling,
            limits.ALB_TARGETS,
            "ask AWS for more, or make tasks larger",
        ),
        Reached(
            "private addresses while a deployment runs",
            rolling,
            limits.PRIVATE_ADDRESSES * load.zones,
            "make tasks larger",
        ),
        Reached(
            "a collector's memory while Honeycomb is away",
            away_mib,
            load.collector_mib,
            "raise service_memory",
        ),
    ]
    return [one for one in found if one.needed > one.limit]
