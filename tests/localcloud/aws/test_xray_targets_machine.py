"""Sampling targets while clients, rules and time come and go as they like."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from localcloud.aws.xray.arns import Place
from localcloud.aws.xray.reservoirs import LATELY_SECONDS, LEASE_SECONDS
from localcloud.aws.xray.rules import SamplingRules
from localcloud.aws.xray.statistics import SamplingStatistics
from localcloud.aws.xray.targets import INTERVAL_SECONDS, SamplingTargets

RULES = ["Default", "a", "b"]
_names = st.sampled_from(RULES)
_clients = st.integers(0, 5)
_sizes = st.integers(0, 12)


class Targets(RuleBasedStateMachine):
    """Clients that hold what they were last given, as SDKs do, until its time is over."""

    @initialize()
    def start(self) -> None:
        """Begin with the rule Default alone."""
        self.now = 1_700_000_000.0
        self.sampling_rules = SamplingRules(Place("aws", "us-east-1", "123456789012"), lambda: self.now)
        self.statistics = SamplingStatistics()
        self.targets = SamplingTargets(self.sampling_rules, self.statistics, lambda: self.now)
        self.held: dict[str, dict[int, tuple[int, float]]] = defaultdict(dict)
        self.reported: dict[tuple[str, int], float] = {}
        self.limits = {"Default": 1}
        self.requests: dict[str, int] = defaultdict(int)

    @rule(name=_names, size=_sizes)
    def make_or_change(self, name: str, size: int) -> None:
        """Make a rule or change its reservoir; a quota of a larger one lasts to the next report."""
        if self.sampling_rules.get(name) is None:
            anything = dict.fromkeys(
                ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"), "*"
            )
            self.sampling_rules.create(
                {
                    **anything,
                    "RuleName": name,
                    "Priority": 1,
                    "FixedRate": 0.5,
                    "ReservoirSize": size,
                    "Version": 1,
                }
            )
            self.limits[name] = size
        else:
            self.sampling_rules.update({"RuleName": name, "ReservoirSize": size})
            self.limits[name] = max(size, self._sum(name))

    @rule(name=st.sampled_from(["a", "b"]))
    def delete(self, name: str) -> None:
        """Delete a rule; its clients' quotas are of a rule that is gone."""
        if self.sampling_rules.get(name) is not None:
            self.sampling_rules.delete(self.sampling_rules.find(name, None))
            self.targets.forget(name)
            self.held.pop(name, None)

    @rule(client=_clients, names=st.lists(_names, min_size=1, max_size=3), requests=st.integers(0, 9))
    def report(self, client: int, names: list[str], requests: int) -> None:
        """A client reports some rules, perhaps one twice, and takes what it is given."""
        documents: list[dict[str, Any]] = [
            {
                "RuleName": name,
                "ClientID": f"{client:024}",
                "Timestamp": self.now,
                "RequestCount": requests,
                "SampledCount": 0,
            }
            for name in names
        ]
        answer = self.targets.report(documents, [])
        known = [name for name in names if self.sampling_rules.get(name) is not None]
        assert [target["RuleName"] for target in answer["SamplingTargetDocuments"]] == known
        assert len(answer["UnprocessedStatistics"]) == len(names) - len(known)
        for target in answer["SamplingTargetDocuments"]:
            self.reported[target["RuleName"], client] = self.now
            self.requests[target["RuleName"]] += requests
            assert target["Interval"] == INTERVAL_SECONDS
            if "ReservoirQuota" in target:
                assert 0 < target["ReservoirQuotaTTL"] - self.now <= LEASE_SECONDS
                self.held[target["RuleName"]][client] = (
                    target["ReservoirQuota"],
                    target["ReservoirQuotaTTL"],
                )

    @rule(seconds=st.one_of(st.floats(0, 15), st.floats(0, 400)))
    def wait(self, seconds: float) -> None:
        """Time passes; who says nothing meanwhile was perhaps ended."""
        self.now += seconds

    @invariant()
    def valid_quotas_stay_within_the_reservoir(self) -> None:
        """What those that reported lately may take adds up to the reservoir at most."""
        for name, limit in self.limits.items():
            record = self.sampling_rules.get(name)
            if record is None:
                continue
            given = self._sum(name)
            assert given <= limit
            self.limits[name] = max(record.rule.reservoir_size, given)

    @invariant()
    def statistics_lose_nothing(self) -> None:
        """What was reported of rules that exist is in the windows."""
        told: dict[str, int] = defaultdict(int)
        for summary in self.statistics.page(None, 100_000)[0]:
            told[summary["RuleName"]] += summary["RequestCount"]
        assert {name: count for name, count in told.items() if count} == {
            name: count for name, count in self.requests.items() if count
        }

    def _sum(self, name: str) -> int:
        """Add up what those may take that reported lately; a quota holds through its last second."""
        return sum(
            quota
            for client, (quota, expires_at) in self.held[name].items()
            if expires_at >= int(self.now) and self.now - self.reported[name, client] < LATELY_SECONDS
        )


TestTargets = Targets.TestCase
TestTargets.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
