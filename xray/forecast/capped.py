"""How many of a second's requests a quota takes: X = min(N, q), for random N.

With the quota's unused part D = (q - N)+, X = q - D; D is summed over the few values of N below q, so that
nothing cancels out. Beyond `_FAR` standard deviations a probability counts as none (it is below 1e-20).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

_FAR = 12.0
_FAR_AT_LEAST = 30.0
PAIRS_MAX_QUOTA = 48
"""Two workers' joint part is summed up to this quota; beyond, it is left out: a spread is then too wide."""


@dataclass(frozen=True, slots=True)
class Capped:
    """X's mean and variance, and its covariance with N. Requests, requests squared."""

    mean: float
    variance: float
    covariance: float


def poisson(rate: float, quota: int) -> Capped:
    """Return X for N of a Poisson distribution with mean `rate`, 0 or more."""

    def log_probability(number: int) -> float:
        return number * math.log(rate) - rate - math.lgamma(number + 1)

    return _capped(quota, rate, rate, log_probability)


def binomial(number: int, share: float, quota: int) -> Capped:
    """Return X for N of `number` requests, each of which is ours with probability `share`, 0 to 1."""
    return _capped(quota, number * share, number * share * (1 - share), _binomial_log(number, share))


def _binomial_log(number: int, share: float) -> Callable[[int], float]:
    def log_probability(ours: int) -> float:
        if ours > number:
            return -math.inf
        ways = math.lgamma(number + 1) - math.lgamma(ours + 1) - math.lgamma(number - ours + 1)
        return ways + ours * math.log(share) + (number - ours) * math.log1p(-share)

    return log_probability


def _capped(quota: int, mean: float, variance: float, log_probability: Callable[[int], float]) -> Capped:
    if mean == 0 or quota == 0:
        return Capped(0.0, 0.0, 0.0)
    if variance == 0:
        return Capped(min(mean, float(quota)), 0.0, 0.0)
    far = _FAR * math.sqrt(variance) + _FAR_AT_LEAST
    if quota > mean + far:
        return Capped(mean, variance, variance)
    unused = squared = with_number = 0.0
    for number in range(max(0, math.floor(mean - far)), quota):
        probability = math.exp(log_probability(number))
        left = quota - number
        unused += left * probability
        squared += left * left * probability
        with_number += left * number * probability
    return Capped(quota - unused, max(0.0, squared - unused * unused), unused * mean - with_number)


def binomial_pair(number: int, share: float, first: int, second: int) -> float:
    """Return the covariance of two workers' X, of whose `number` requests each has the same `share`.

    It is 0 or less: what one has the other has not. 0.0 stands for a quota beyond `PAIRS_MAX_QUOTA`.
    """
    if not 0 < max(first, second) <= PAIRS_MAX_QUOTA or min(first, second) == 0 or number == 0:
        return 0.0
    others = 1 - 2 * share
    together = 0.0
    for one in range(min(first, number + 1)):
        for other in range(min(second, number - one + 1)):
            rest = number - one - other
            if rest and others <= 0:
                continue
            ways = math.lgamma(number + 1) - math.lgamma(one + 1) - math.lgamma(other + 1)
            ways -= math.lgamma(rest + 1)
            chance = ways + (one + other) * math.log(share) + (rest * math.log(others) if rest else 0.0)
            together += (first - one) * (second - other) * math.exp(chance)
    unused_first = first - binomial(number, share, first).mean
    unused_second = second - binomial(number, share, second).mean
    return min(0.0, together - unused_first * unused_second)
