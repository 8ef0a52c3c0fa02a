"""The closed form: against sums over every case, against itself, and against the simulation."""

import math
from collections.abc import Sequence
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xray.forecast.capped import binomial, binomial_pair, poisson
from xray.forecast.expectation import (
    Sampled,
    borrowed_at_start,
    of_count,
    of_poisson,
    taken_of,
    unseen,
)
from xray.forecast.quotas import quotas
from xray.forecast.simulation import poisson_seconds, simulate

RATES = st.sampled_from([0.0, 0.05, 0.3, 1.0]) | st.floats(0.02, 1)
DEVIATIONS = 4.0


@given(st.integers(0, 2000), st.integers(1, 40))
def test_the_quotas_are_the_whole_reservoir_divided_evenly(size: int, workers: int) -> None:
    """Nothing is lost or made up, and no worker has more than one above another."""
    parts = quotas(size, workers)
    assert sum(quota * count for quota, count in parts) == size
    assert sum(count for _, count in parts) == workers
    assert max(quota for quota, _ in parts) - min(quota for quota, _ in parts) <= 1


def test_nobody_to_divide_among_is_an_error() -> None:
    """No worker and a reservoir below nothing are named."""
    for size, workers in ((1, 0), (-1, 1)):
        with pytest.raises(ValueError, match="expected 0 or more among 1 or more"):
            quotas(size, workers)


def _enumerated(number: int, reservoir: int, workers: int) -> tuple[float, float]:
    """Mean and variance of what the quotas take, over every way to divide `number` requests."""
    quota_of = [quota for quota, count in quotas(reservoir, workers) for _ in range(count)]
    taken = [
        sum(min(ways.count(worker), quota_of[worker]) for worker in range(workers))
        for ways in product(range(workers), repeat=number)
    ]
    mean = sum(taken) / len(taken)
    return mean, sum((value - mean) ** 2 for value in taken) / len(taken)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("reservoir", [0, 1, 2, 3, 4, 7])
def test_of_a_count_every_division_among_workers_is_weighed(reservoir: int, workers: int) -> None:
    """Mean and variance are those over all divisions of a second's requests, each as likely as another."""
    for number in range(8):
        mean, variance = _enumerated(number, reservoir, workers)
        taken = taken_of(number, reservoir, workers)
        assert taken.mean == pytest.approx(mean, abs=1e-9)
        assert taken.variance == pytest.approx(variance, abs=1e-9)


@given(st.floats(0.001, 60), st.integers(0, 80))
def test_a_cap_on_poisson_arrivals_is_the_sum_over_their_numbers(rate: float, quota: int) -> None:
    """E[min(N, q)], its variance and its covariance with N, added up number by number."""
    numbers = range(int(rate + 14 * math.sqrt(rate) + 60))
    chance = [math.exp(n * math.log(rate) - rate - math.lgamma(n + 1)) for n in numbers]
    taken = [min(n, quota) for n in numbers]
    mean = sum(p * x for p, x in zip(chance, taken, strict=True))
    variance = sum(p * (x - mean) ** 2 for p, x in zip(chance, taken, strict=True))
    shared = sum(p * (x - mean) * (n - rate) for p, x, n in zip(chance, taken, numbers, strict=True))
    capped = poisson(rate, quota)
    assert capped.mean == pytest.approx(mean, abs=1e-8)
    assert capped.variance == pytest.approx(variance, abs=1e-6)
    assert capped.covariance == pytest.approx(shared, abs=1e-6)


@given(st.floats(0, 1e6), st.integers(0, 10**6), RATES, st.integers(1, 64))
def test_expectations_stay_within_what_is_possible(
    requests: float, reservoir: int, fixed_rate: float, workers: int
) -> None:
    """The reservoir's part is at most the reservoir and the requests, and the whole at most the requests."""
    sampled = of_poisson(requests, reservoir, fixed_rate, workers)
    slack = 1e-9 * max(1.0, requests)
    assert -slack <= sampled.by_reservoir <= min(reservoir, requests) + slack
    assert -slack <= sampled.by_rate
    assert sampled.traces <= requests + slack
    assert sampled.variance >= 0


@given(st.integers(0, 3000), st.integers(0, 500), RATES, st.integers(1, 16))
@settings(max_examples=60, deadline=None)
def test_a_second_of_known_requests_stays_within_what_is_possible(
    requests: int, reservoir: int, fixed_rate: float, workers: int
) -> None:
    """As above; one worker takes exactly what fits."""
    sampled = of_count(requests, reservoir, fixed_rate, workers)
    assert 0 <= sampled.by_reservoir <= min(reservoir, requests) + 1e-6
    assert sampled.traces <= requests + 1e-6
    assert sampled.variance >= 0
    if workers == 1:
        assert sampled.by_reservoir == min(reservoir, requests)


def test_two_workers_quotas_hang_together() -> None:
    """Of a fixed number, what goes to the one doesn't go to the other: the covariance is below 0."""
    assert binomial_pair(6, 0.5, 2, 2) < 0
    assert binomial_pair(0, 0.5, 2, 2) == 0
    assert binomial(6, 0.5, 2).mean < 2


def _off(sampled: Sampled, seconds: int, counted: int) -> float:
    """How far a simulation is off, in standard deviations."""
    deviation = math.sqrt(sampled.variance * seconds)
    difference = abs(counted - sampled.traces * seconds)
    return difference / deviation if deviation > 1e-6 else difference


@given(
    st.floats(0.05, 30),
    st.sampled_from([0, 1, 2, 5, 17]),
    RATES,
    st.integers(1, 6),
    st.integers(0, 2**32),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_simulated_workers_sample_what_the_closed_form_says(
    rate: float, reservoir: int, fixed_rate: float, workers: int, seed: int
) -> None:
    """Poisson arrivals over 400 seconds: within four standard deviations of the expectation."""
    random, seconds = Random(seed), 400
    by_reservoir, by_rate = simulate(
        poisson_seconds([rate], seconds, random), reservoir, fixed_rate, workers, random
    )
    expected = of_poisson(rate, reservoir, fixed_rate, workers)
    assert _off(expected, seconds, by_reservoir[0] + by_rate[0]) <= DEVIATIONS


@given(
    st.lists(st.integers(0, 25), min_size=1, max_size=6),
    st.sampled_from([0, 1, 3, 8]),
    RATES,
    st.integers(1, 5),
    st.integers(0, 2**32),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_simulated_bursts_are_sampled_as_the_closed_form_says(
    counts: Sequence[int], reservoir: int, fixed_rate: float, workers: int, seed: int
) -> None:
    """Given counts, over and over: within four standard deviations, second by second added up."""
    random, rounds = Random(seed), 150
    seconds = [[0] * count for count in counts] * rounds
    by_reservoir, by_rate = simulate(seconds, reservoir, fixed_rate, workers, random)
    each = [of_count(count, reservoir, fixed_rate, workers) for count in counts]
    expected = Sampled(
        sum(one.requests for one in each),
        sum(one.by_reservoir for one in each),
        sum(one.by_rate for one in each),
        sum(one.variance for one in each),
    )
    assert _off(expected, rounds, by_reservoir[0] + by_rate[0]) <= DEVIATIONS


def test_bursts_get_less_than_the_same_traffic_spread_out() -> None:
    """The reservoir is a second's: sixty requests in one second and none for a minute are sampled once."""
    burst = of_count(60, 1, 0.0, 1).traces + 59 * of_count(0, 1, 0.0, 1).traces
    even = 60 * of_count(1, 1, 0.0, 1).traces
    assert (burst, even) == (1.0, 60.0)
    assert burst < 60 * of_poisson(1.0, 1, 0.0, 1).traces < even


def test_more_workers_than_reservoir_leave_some_without() -> None:
    """A reservoir of one is one worker's: the others' requests have the rate alone."""
    assert of_poisson(0.001, 1, 0.0, 4).traces == pytest.approx(0.00025, rel=1e-3)
    assert of_poisson(0.001, 4, 0.0, 4).traces == pytest.approx(0.001, rel=1e-3)


@pytest.mark.parametrize(
    ("requests", "traces", "chance"),
    [(100.0, 100.0, 0.0), (100.0, 0.0, 1.0), (0.0, 0.0, 1.0), (1e-9, 1e-10, 0.9), (1e6, 1.0, math.exp(-1))],
)
def test_the_chance_of_seeing_nothing(requests: float, traces: float, chance: float) -> None:
    """None where all is sampled, certain where nothing is, and of a single request one less its chance."""
    assert unseen(requests, traces) == pytest.approx(chance, abs=1e-6)


def test_what_is_borrowed_at_the_start() -> None:
    """Each worker borrows one a second for ten seconds at most, and nothing where there is no reservoir."""
    assert borrowed_at_start(1e6, 5, 4) == pytest.approx(40)
    assert borrowed_at_start(0.0, 5, 4) == 0
    assert borrowed_at_start(1e6, 0, 4) == 0
