"""The same, played through request by request: workers with quotas, each second anew.

Knows nothing of the closed form, which is tested against it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from xray.forecast.quotas import quotas


def simulate(
    seconds: Iterable[Sequence[int]], reservoir_size: int, fixed_rate: float, workers: int, random: Random
) -> tuple[Counter[int], Counter[int]]:
    """Return how many requests of each route were sampled: by the reservoir, and by the rate.

    `seconds` has, for each second, the routes' numbers of its requests, which come in any order.
    """
    quota_of = [quota for quota, count in quotas(reservoir_size, workers) for _ in range(count)]
    by_reservoir: Counter[int] = Counter()
    by_rate: Counter[int] = Counter()
    for requests in seconds:
        taken = [0] * workers
        for route in random.sample(requests, len(requests)):
            worker = random.randrange(workers)
            if taken[worker] < quota_of[worker]:
                taken[worker] += 1
                by_reservoir[route] += 1
            elif random.random() < fixed_rate:
                by_rate[route] += 1
    return by_reservoir, by_rate


def poisson_seconds(rates: Sequence[float], seconds: int, random: Random) -> Iterator[list[int]]:
    """Yield, for each second, the routes of its requests: route i comes `rates[i]` times on average."""
    for _ in range(seconds):
        requests = []
        for route, rate in enumerate(rates):
            at = random.expovariate(rate) if rate > 0 else 1.0
            while at < 1.0:
                requests.append(route)
                at += random.expovariate(rate)
        yield requests
