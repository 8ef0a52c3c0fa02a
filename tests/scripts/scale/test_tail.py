"""The gateway's arithmetic: against a simulation, by properties, and against its configuration."""

from __future__ import annotations

import math
from random import Random

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from scripts.scale import tail
from scripts.scale.load import TASKS, Load
from scripts.scale.result import drawn
from tests.scripts.scale.test_reckoning import LOADS, SERVICE, TARIFF

DEVIATIONS = 4.0
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(("errors", "slow"), [(0.0, 0.0), (0.01, 0.01), (0.2, 0.05), (0.5, 0.5), (1.0, 0.0)])
def test_what_is_kept_is_what_a_simulation_keeps(errors: float, slow: float) -> None:
    """100,000 requests drawn with one seed: within four standard deviations; each failed one is kept."""
    load = Load(errors=errors, slow=slow)
    requests = 100_000
    kept, failed = tail.simulate(requests, load, Random(20261121))
    share = tail.kept_share(load)
    assert abs(kept - requests * share) <= DEVIATIONS * math.sqrt(requests * share * (1 - share)) + 1e-6
    assert abs(failed - requests * errors) <= DEVIATIONS * math.sqrt(requests * errors * (1 - errors)) + 1e-6


@pytest.mark.parametrize("rate", [0.2, 1000 / 60])
@pytest.mark.parametrize("tasks", [1, 5, 50, 1000])
def test_the_rule_samples_what_a_simulation_samples(tasks: int, rate: float) -> None:
    """From one task to a thousand, with more workers than the reservoir has: one seed, four deviations."""
    found = drawn(tasks, Load(requests_per_second=rate), 30, Random(7))
    assert found.head.expected > 0
    assert abs(found.head.deviations) <= DEVIATIONS
    assert abs(found.tail.deviations) <= DEVIATIONS


@given(LOADS, SHARES, SHARES)
def test_kept_is_between_what_matters_and_all(load: Load, errors: float, slow: float) -> None:
    """Nothing that fails or takes long is left out, and the rest has its share."""
    share = tail.kept_share(Load(errors=errors, slow=slow))
    assert max(errors, slow) - 1e-12 <= share <= 1 + 1e-12
    assert share >= tail.REST_SHARE - 1e-12


@given(LOADS, st.integers(1, 3000))
def test_the_ways_in_their_order(load: Load, tasks: int) -> None:
    """A gateway costs more than a head that keeps as many, sees all that failed, and has room for all."""
    found = tail.compared(tasks, load, TARIFF)
    assert found.tail.cost > found.same.cost
    assert found.same.kept == found.tail.kept <= found.everything.kept * (1 + 1e-12)
    assert found.tail.errors_kept == found.everything.errors_kept == found.errors
    assert found.head.errors_kept <= found.errors * (1 + 1e-9)
    assert found.gateways >= 2
    assert found.held_mib <= tail.GATEWAY_GB * 1e9 * tail.MEMORY_USED / 2**20


def test_from_where_on_a_gateway_pays() -> None:
    """With little traffic two gateways cost more than sending everything; where all fails, always."""
    quiet = Load(requests_per_second=0.05)
    found = tail.pays_from(quiet, TARIFF)
    assert found is not None
    assert found > 1
    for tasks in TASKS:
        one = tail.compared(tasks, quiet, TARIFF)
        if tasks >= found:
            assert one.tail.cost < one.everything.cost
    assert tail.compared(1, quiet, TARIFF).tail.cost > tail.compared(1, quiet, TARIFF).everything.cost
    assert tail.pays_from(Load(errors=1.0), TARIFF) is None


def test_the_figures_are_the_configurations() -> None:
    """How long a gateway waits, and what share it keeps, as gateway.yaml says."""
    processors = yaml.safe_load((SERVICE / "gateway" / "gateway.yaml").read_text())["processors"]
    for name in ("tail_sampling/kept", "tail_sampling/rest"):
        assert processors[name]["decision_wait"] == f"{tail.DECISION_SECONDS}s"
    assert processors["probabilistic_sampler"]["sampling_percentage"] == tail.REST_SHARE * 100
