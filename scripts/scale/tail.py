"""Tail sampling in a gateway: what it keeps, what it needs, what it costs, and from where on it pays.

A head decides before a request is served: of the requests that fail it keeps as many as of all others. To
have them all, everything has to be recorded; a gateway then keeps what failed or took long, and a share of
the rest. Each request fails with probability e, takes long with probability l, independently, and is drawn
among the rest with probability p. So a request is kept with probability k = i + (1 - i) p, where
i = e + l - e l, and of n requests a number is kept whose mean is n k and whose variance is n k (1 - k).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.forecast.costs import MONTH_SECONDS
from scripts.scale import bill, sizes
from scripts.scale.bill import GB
from xray.forecast.expectation import of_poisson

if TYPE_CHECKING:
    from random import Random

    from scripts.scale.bill import Tariff
    from scripts.scale.load import Load

DECISION_SECONDS = 30
REST_SHARE = 0.05
"""Of stack service, gateway/gateway.yaml: decision_wait, and the probability of the rest."""
GATEWAY_VCPUS = 1.0
GATEWAY_GB = 4.0
GATEWAYS_MIN = 2
MEMORY_USED = 0.8 * 0.8
"""Of a gateway's memory: limit_mib is four fifths of it, and a fifth of that is kept for peaks."""
CPU_USED = 0.5
TASKS_MAX = 100_000


@dataclass(frozen=True)
class Way:
    """One way of sampling: requests that are kept, and failed ones among them, a second; the month's cost.

    The cost is of tracing alone: the sinks, what recording takes of the backends' CPU, and the gateways.
    """

    kept: float
    errors_kept: float
    cost: float


@dataclass(frozen=True)
class Compared:
    """The ways, and what the gateway takes: how many of it, and what the spans held by each weigh, in MiB.

    `same` is a head that keeps as many requests as the gateway: the gateway's cost beyond it is what it takes
    to have the failed and slow ones among them.
    """

    tasks: int
    errors: float
    head: Way
    everything: Way
    tail: Way
    same: Way
    gateways: int
    held_mib: float


def kept_share(load: Load) -> float:
    """Return k, the share of requests that a gateway keeps."""
    return load.interesting + (1 - load.interesting) * REST_SHARE


def simulate(requests: int, load: Load, random: Random) -> tuple[int, int]:
    """Return how many of *requests* were kept, and how many failed ones, drawn one by one.

    Knows nothing of the closed form, which is tested against it.
    """
    kept = errors = 0
    for _ in range(requests):
        failed, slow = random.random() < load.errors, random.random() < load.slow
        if failed or slow or random.random() < REST_SHARE:
            kept += 1
            errors += failed
    return kept, errors


def compared(tasks: int, load: Load, tariff: Tariff) -> Compared:
    """Return the ways for *tasks* tasks under *load*."""
    requests = tasks * load.requests_per_second
    errors = requests * load.errors
    sampled = of_poisson(requests, load.reservoir, load.fixed_rate, tasks * load.workers)
    share = sampled.traces / requests
    spans = requests * load.spans
    # The second pipeline holds the share of the rest once more.
    held_bytes = spans * DECISION_SECONDS * sizes.COLLECTOR_BYTES * (1 + REST_SHARE)
    gateways = max(
        GATEWAYS_MIN,
        math.ceil(held_bytes / (GATEWAY_GB * GB * MEMORY_USED)),
        math.ceil(spans / (sizes.COLLECTOR_SPANS_PER_VCPU * GATEWAY_VCPUS * CPU_USED)),
    )
    head = Way(sampled.traces, errors * share, _cost(sampled.traces, sampled.traces, requests, load, tariff))
    everything = Way(requests, errors, _cost(requests, requests, requests, load, tariff))
    kept = requests * kept_share(load)
    tail_cost = _cost(kept, requests, requests, load, tariff) + _gateway(gateways, spans, load, tariff)
    return Compared(
        tasks=tasks,
        errors=errors,
        head=head,
        everything=everything,
        tail=Way(kept, errors, tail_cost),
        same=Way(kept, errors * kept / requests, _cost(kept, kept, requests, load, tariff)),
        gateways=gateways,
        held_mib=held_bytes / gateways / 2**20,
    )


def _cost(sent: float, recorded: float, requests: float, load: Load, tariff: Tariff) -> float:
    """Return a month of sinks that get *sent* traces a second, where backends record *recorded* of them."""
    cpu = recorded * sizes.SAMPLED_CPU_SECONDS + (requests - recorded) * sizes.UNSAMPLED_CPU_SECONDS
    cpu += recorded * load.spans / sizes.COLLECTOR_SPANS_PER_VCPU
    spans = sent * load.spans * MONTH_SECONDS
    honeycomb_gb, xray_gb = spans * sizes.OTLP_WIRE_BYTES / GB, spans * sizes.XRAY_WIRE_BYTES / GB
    network = (honeycomb_gb + xray_gb) * tariff.aws.nat_gb.amount
    network += honeycomb_gb * tariff.aws.internet_gb.amount
    return bill.sinks(sent, load, tariff).total + bill.fargate(cpu, 0, tariff.aws) + network


def _gateway(gateways: int, spans: float, load: Load, tariff: Tariff) -> float:
    """Return a month of the gateways, and of the spans that go to one in another zone."""
    across = (load.zones - 1) / load.zones
    crossing_gb = spans * sizes.OTLP_WIRE_BYTES * across * MONTH_SECONDS / GB
    running = gateways * bill.fargate(GATEWAY_VCPUS, GATEWAY_GB, tariff.aws)
    return running + 2 * crossing_gb * tariff.aws.zone_gb.amount


def pays_from(load: Load, tariff: Tariff) -> int | None:
    """Return from how many tasks on, of those looked at, a gateway costs less than everything; None: never.

    Looked at are one to 100,000 in steps of at most a tenth: Honeycomb's plans make costs jump.
    """
    found, tasks = None, 1
    while tasks <= TASKS_MAX:
        one = compared(tasks, load, tariff)
        if one.tail.cost >= one.everything.cost:
            found = None
        elif found is None:
            found = tasks
        tasks += max(1, tasks // 10)
    return found
