"""What a rule samples in a second: its reservoir's part, its rate's part, and how far it may be off.

Each request goes to one of W workers, all equally likely. Of a worker's N requests its quota q takes
X = min(N, q), the first ones; each other one is sampled with probability p. So S = X + Bin(N - X, p), and

    E[S]   = E[X] + p (E[N] - E[X])
    Var[S] = p (1 - p) (E[N] - E[X]) + (1 - p)^2 Var[X] + p^2 Var[N] + 2 p (1 - p) Cov[X, N]

(law of total variance). Poisson arrivals leave the workers independent of each other. Of a given number of
requests, one worker's are binomial; N is then fixed over all workers, and the last two terms fall away.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from xray.forecast.capped import binomial, binomial_pair, poisson
from xray.forecast.quotas import quotas

FIRST_INTERVAL_SECONDS = 10
"""Until its first report is answered a client has no quota (source: the X-Ray API's default Interval)."""
BORROWED_PER_SECOND = 1


@dataclass(frozen=True, slots=True)
class Sampled:
    """Of one second's requests: traces by reservoir and by rate, and their sum's variance."""

    requests: float
    by_reservoir: float
    by_rate: float
    variance: float

    @property
    def traces(self) -> float:
        """All of them."""
        return self.by_reservoir + self.by_rate


@dataclass(frozen=True, slots=True)
class Taken:
    """What the quotas of all workers take of one second's requests: mean and variance."""

    mean: float
    variance: float


@lru_cache(65_536)
def taken_of(requests: int, reservoir_size: int, workers: int) -> Taken:
    """Return what the reservoir takes of exactly `requests` in a second."""
    if workers == 1 or requests == 0 or reservoir_size == 0:
        return Taken(float(min(requests, reservoir_size)), 0.0)
    share = 1 / workers
    parts = quotas(reservoir_size, workers)
    mean = variance = 0.0
    for quota, count in parts:
        capped = binomial(requests, share, quota)
        mean += count * capped.mean
        variance += count * capped.variance
        variance += count * (count - 1) * binomial_pair(requests, share, quota, quota)
    if len(parts) == 2:
        (first, count), (second, others) = parts
        variance += 2 * count * others * binomial_pair(requests, share, first, second)
    return Taken(min(mean, float(requests)), max(0.0, variance))


def of_count(requests: int, reservoir_size: int, fixed_rate: float, workers: int) -> Sampled:
    """Return what is sampled of exactly `requests` in a second."""
    taken = taken_of(requests, reservoir_size, workers)
    left = requests - taken.mean
    variance = fixed_rate * (1 - fixed_rate) * left + (1 - fixed_rate) ** 2 * taken.variance
    return Sampled(float(requests), taken.mean, fixed_rate * left, variance)


def of_poisson(requests: float, reservoir_size: int, fixed_rate: float, workers: int) -> Sampled:
    """Return what is sampled in a second of requests that come at random, `requests` a second on average."""
    each = requests / workers
    by_reservoir = variance = 0.0
    for quota, count in quotas(reservoir_size, workers):
        capped = poisson(each, quota)
        by_reservoir += count * capped.mean
        variance += count * (
            fixed_rate * (1 - fixed_rate) * (each - capped.mean)
            + (1 - fixed_rate) ** 2 * capped.variance
            + fixed_rate**2 * each
            + 2 * fixed_rate * (1 - fixed_rate) * capped.covariance
        )
    return Sampled(requests, by_reservoir, fixed_rate * (requests - by_reservoir), max(0.0, variance))


def borrowed_at_start(requests: float, reservoir_size: int, workers: int) -> float:
    """Return how many traces `workers` that all start at once are expected to borrow.

    Each takes one a second, where it has a request (`requests` a second, all workers), until it has a quota.
    """
    if reservoir_size == 0:
        return 0.0
    busy = -math.expm1(-requests / workers)
    return workers * FIRST_INTERVAL_SECONDS * BORROWED_PER_SECOND * busy


def unseen(requests: float, traces: float) -> float:
    """Return the chance that nothing of a route is sampled on a day on which it is requested.

    `requests` and `traces` are what a day brings on average, both as Poisson arrivals:
    (exp(-traces) - exp(-requests)) / (1 - exp(-requests)). 1.0 where there are no requests.
    """
    if requests <= 0:
        return 1.0
    traces = min(traces, requests)
    return (math.expm1(-traces) - math.expm1(-requests)) / -math.expm1(-requests)
