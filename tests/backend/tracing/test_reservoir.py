"""One sampling rule at work, second by second."""

import threading
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.tracing.rules.reservoir import WEIGHT_MAX, RuleState
from xray.sampling import SamplingRule

RULE = SamplingRule("service", 9000, 0.0, 5)
NEVER, ALWAYS = 0.99, 0.0
NOW = 1_000.25


def take(state: RuleState, count: int, now: float) -> int:
    """Decide so many requests at one time, none by luck; return how many were sampled."""
    return sum(state.decide(now, NEVER).sampled for _ in range(count))


def test_one_is_borrowed_each_second_before_the_first_quota() -> None:
    """A process that X-Ray has not answered yet takes one a second."""
    state = RuleState(RULE)
    assert [take(state, 10, NOW + second) for second in range(3)] == [1, 1, 1]
    counts = state.take_counts()
    assert (counts.requests, counts.sampled, counts.borrowed) == (30, 3, 3)


def test_nothing_is_borrowed_from_an_empty_reservoir() -> None:
    """A rule with reservoir 0 and rate 0 takes nothing, as for health checks."""
    assert take(RuleState(replace(RULE, reservoir_size=0)), 10, NOW) == 0


def test_the_quota_is_taken_each_second_until_its_ttl() -> None:
    """While the quota is valid it replaces borrowing; after it borrowing begins again."""
    state = RuleState(RULE)
    state.apply_target(fixed_rate=0.0, quota=3, expires_at=NOW + 1)
    assert [take(state, 10, NOW + second) for second in (0, 1, 2)] == [3, 3, 1]
    assert state.take_counts().borrowed == 1


def test_a_quota_of_nothing_is_a_quota() -> None:
    """X-Ray may leave nothing for this process: it borrows nothing then."""
    state = RuleState(RULE)
    state.apply_target(fixed_rate=None, quota=0, expires_at=NOW + 10)
    assert take(state, 10, NOW) == 0


def test_the_rate_decides_the_rest_and_tells_what_it_stands_for() -> None:
    """What the reservoir took stands for itself, what the rate took for 1/p."""
    state = RuleState(replace(RULE, fixed_rate=0.25))
    assert state.decide(NOW, NEVER).weight == 1
    by_rate = state.decide(NOW, 0.24)
    assert (by_rate.sampled, by_rate.weight) == (True, 4)
    assert not state.decide(NOW, 0.25).sampled
    state.apply_target(fixed_rate=0.5, quota=None, expires_at=None)
    assert state.decide(NOW, 0.49).weight == 2


@given(st.floats(1e-4, 1, exclude_min=True), st.integers(1, 5000))
def test_weights_are_whole_and_stand_for_all_requests_on_average(rate: float, steps: int) -> None:
    """Over evenly spread chances the weights sum to the number of requests: 1/p, up or down."""
    state = RuleState(replace(RULE, fixed_rate=rate, reservoir_size=0))
    decisions = [state.decide(NOW, (step + 0.5) / steps) for step in range(steps)]
    weights = [decision.weight or 0 for decision in decisions if decision.sampled]
    assert all(abs(weight - 1 / rate) < 1 for weight in weights)
    # Each of the two draws may round by one step at its edge.
    assert abs(sum(weights) - steps) <= 2 * (1 / rate + 1)


def test_a_rate_so_low_that_honeycomb_has_no_number_for_it() -> None:
    """The weight is an int32 at most."""
    state = RuleState(replace(RULE, fixed_rate=1e-12, reservoir_size=0))
    assert state.decide(NOW, 0.0).weight == WEIGHT_MAX


def test_counts_that_could_not_be_reported_come_back() -> None:
    """The next report holds them; the totals count each request once."""
    state = RuleState(RULE)
    take(state, 4, NOW)
    lost = state.take_counts()
    assert state.take_counts().requests == 0
    state.give_back(lost)
    take(state, 2, NOW)
    assert state.status()["matched"] == 6
    assert state.take_counts().requests == 6
    assert state.status()["matched"] == 6


def test_the_garbage_collector_may_decide_while_counts_are_read() -> None:
    """A finalizer that begins a span, in the thread that counts, waits for nobody and is counted."""
    state = RuleState(RULE)

    def interrupted() -> None:
        with state._lock:
            state.decide(NOW, NEVER)

    thread = threading.Thread(target=interrupted, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive(), "the thread waits for its own lock"
    assert state.take_counts().requests == state.status()["matched"] == 1


def test_a_clock_that_goes_backwards_closes_no_reservoir() -> None:
    """A second that comes again has its trace again."""
    state = RuleState(RULE)
    assert [take(state, 5, now) for now in (NOW, NOW - 3600, NOW)] == [1, 1, 1]


def test_a_changed_definition_keeps_the_quota() -> None:
    """Counts and quota belong to the name, the rate to the definition."""
    state = RuleState(RULE)
    state.apply_target(fixed_rate=0.9, quota=2, expires_at=NOW + 10)
    state.redefine(RULE)
    assert state.status()["fixed_rate"] == 0.9
    state.redefine(replace(RULE, fixed_rate=0.3))
    assert state.status()["fixed_rate"] == 0.3
    assert take(state, 5, NOW) == 2
