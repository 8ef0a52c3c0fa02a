"""The third opinion: the backend's own samplers, fed by the local cloud's own division of reservoirs.

Both run in this process, over simulated time: nobody waits.
"""

import math
from random import Random
from typing import Any

import pytest

from localcloud.aws.xray.models import XRayBackend
from services.tracing.rules.daemon_client import DaemonClient
from services.tracing.rules.targets import TargetPoller
from services.tracing.sampling import RuleSampler
from xray.forecast.expectation import FIRST_INTERVAL_SECONDS, borrowed_at_start, of_count, of_poisson
from xray.forecast.simulation import poisson_seconds, simulate
from xray.sampling import SamplingRule

NOW = 1_795_000_000
SERVICE = "cruddur"
WARM_UP_SECONDS = 60
SECONDS = 600
DEVIATIONS = 4.0


class InProcess(DaemonClient):
    """The daemon's client, whose calls go straight to the local cloud's X-Ray."""

    def __init__(self, backend: XRayBackend) -> None:
        super().__init__(("127.0.0.1", 0))
        self._backend = backend

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/GetSamplingRules":
            return {"SamplingRuleRecords": [record.to_api() for record in self._backend.rules.all()]}
        return self._backend.targets.report(body["SamplingStatisticsDocuments"], [])


class Workers:
    """Samplers of several processes over one X-Ray; each reports every ten seconds, one after the other."""

    def __init__(self, rule: SamplingRule, count: int, random: Random) -> None:
        self.now = float(NOW)
        self._random = random
        backend = XRayBackend("us-east-1", "123456789012", clock=lambda: self.now)
        backend.rules.create(rule.to_api())
        client = InProcess(backend)
        self.samplers = [
            RuleSampler(SERVICE, client.sampling_rules(), clock=lambda: self.now, chance=random.random)
            for _ in range(count)
        ]
        self._pollers = [TargetPoller(sampler, client, clock=lambda: self.now) for sampler in self.samplers]

    def second(self, requests: int) -> int:
        """Serve a second's requests, report where it is time, and return how many were sampled."""
        sampled = 0
        begins = math.floor(self.now)
        for at in sorted(self._random.random() for _ in range(requests)):
            self.now = begins + at
            sampled += self._random.choice(self.samplers).decide("h", "GET", "/api").sampled
        for number, poller in enumerate(self._pollers):
            if (begins + 1 + number) % FIRST_INTERVAL_SECONDS == 0:
                self.now = begins + 0.999_999
                poller.poll()
                assert poller.last_error is None
        self.now = begins + 1.0
        return sampled


@pytest.mark.parametrize(
    ("rate", "reservoir", "fixed_rate", "workers"),
    [(20.0, 5, 0.1, 1), (20.0, 5, 0.1, 3), (3.0, 4, 0.05, 2), (40.0, 10, 0.0, 4), (6.0, 1, 0.2, 4)],
)
def test_samplers_and_local_cloud_do_what_was_forecast(
    rate: float, reservoir: int, fixed_rate: float, workers: int
) -> None:
    """Backend, simulation and closed form agree within four standard deviations, of Poisson arrivals."""
    random = Random(7)
    rule = SamplingRule("web", 100, fixed_rate, reservoir, service_name=SERVICE)
    running = Workers(rule, workers, random)
    for requests in poisson_seconds([rate], WARM_UP_SECONDS, random):
        running.second(len(requests))
    counts = [len(requests) for requests in poisson_seconds([rate], SECONDS, random)]
    counted = sum(running.second(count) for count in counts)
    simulated = sum(
        sum(part.values())
        for part in simulate([[0] * count for count in counts], reservoir, fixed_rate, workers, random)
    )

    expected = of_poisson(rate, reservoir, fixed_rate, workers)
    mean, deviation = expected.traces * SECONDS, math.sqrt(expected.variance * SECONDS)
    assert abs(counted - mean) <= DEVIATIONS * deviation
    assert abs(simulated - mean) <= DEVIATIONS * deviation
    # and, second by second, of the very arrivals that there were
    given = [of_count(count, reservoir, fixed_rate, workers) for count in counts]
    deviation = math.sqrt(sum(one.variance for one in given))
    assert abs(counted - sum(one.traces for one in given)) <= DEVIATIONS * deviation + 1e-9


def test_what_is_borrowed_before_the_first_quotas() -> None:
    """Until its first report, each worker has one a second whatever the reservoir, as the forecast says."""
    workers = 3
    running = Workers(SamplingRule("web", 100, 0.0, 50, service_name=SERVICE), workers, Random(3))
    borrowed = 0
    for _ in range(FIRST_INTERVAL_SECONDS):
        running.second(300)
    for sampler in running.samplers:
        borrowed += next(s.status() for s in sampler.states() if s.rule.rule_name == "web")["borrowed"]
    # two of them report before the interval's end, and may have a quota from then on
    assert workers * FIRST_INTERVAL_SECONDS - (1 + 2) <= borrowed <= workers * FIRST_INTERVAL_SECONDS
    assert borrowed_at_start(300, 50, workers) == pytest.approx(workers * FIRST_INTERVAL_SECONDS, abs=0.01)
