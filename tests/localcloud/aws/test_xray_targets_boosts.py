"""Sampling boosts: over boto3, and with a clock of the test's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.aws.xray.arns import Place
from localcloud.aws.xray.rules import SamplingRules
from localcloud.aws.xray.statistics import SamplingStatistics
from localcloud.aws.xray.targets import SamplingTargets

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_xray import XRayClient

START = 1_700_000_000.0


class Service:
    """A service that samples by the rule `web`, at times of the test's."""

    def __init__(self, rule: dict[str, Any]) -> None:
        self.now = START
        rules = SamplingRules(Place("aws", "us-east-1", "123456789012"), lambda: self.now)
        rules.create(rule)
        self._targets = SamplingTargets(rules, SamplingStatistics(), lambda: self.now)

    def report(self, anomalies: int, sampled: int = 0, rule_name: str = "web") -> Any:
        """Report at the present time; return the boost that is answered, or None."""
        counts = {"RequestCount": 100, "SampledCount": 0}
        statistics = {"RuleName": "web", "ClientID": "a" * 24, "Timestamp": self.now, **counts}
        boost = {
            "RuleName": rule_name,
            "ServiceName": "shop",
            "Timestamp": self.now,
            "AnomalyCount": anomalies,
            "TotalCount": 100,
            "SampledAnomalyCount": sampled,
        }
        answer = self._targets.report([statistics], [boost])
        return answer["SamplingTargetDocuments"][0].get("SamplingBoost")


@pytest.fixture
def service(rule: Callable[..., Any]) -> Service:
    """A service whose rule may be boosted to 0.5 once in ten minutes."""
    boost = {"MaxRate": 0.5, "CooldownWindowMinutes": 10}
    return Service(rule("web", FixedRate=0.05, SamplingRateBoost=boost))


def test_missed_anomalies_boost_the_rule(service: Service) -> None:
    """Anomalies of which none was sampled raise the rate so that one would be, for a minute."""
    assert service.report(0) is None
    service.now += 20
    assert service.report(10) == {"BoostRate": 0.1, "BoostRateTTL": service.now + 60}


def test_a_boost_stays_within_the_rule(service: Service) -> None:
    """A single anomaly asks for everything and gets the rule's maximum."""
    assert service.report(1)["BoostRate"] == 0.5


def test_a_boost_is_told_until_it_ends_and_then_cools_down(service: Service) -> None:
    """Every answer of the minute names the boost; the next comes in the next window of ten minutes."""
    boost = service.report(10)
    service.now += 59
    assert service.report(10) == boost
    service.now += 1
    assert service.report(10) is None
    service.now = START + 599
    assert service.report(10) is None
    service.now = START + 600 + 11
    assert service.report(10)["BoostRateTTL"] == service.now + 60


def test_a_rate_that_captures_enough_is_not_boosted(service: Service) -> None:
    """No boost where an anomaly was sampled, or where so many come that the rule's rate captures one."""
    assert service.report(10, sampled=1) is None
    assert service.report(10) is None
    service.now += 11
    assert service.report(20) is None


def test_reports_of_ten_seconds_are_judged_together(service: Service, rule: Callable[..., Any]) -> None:
    """Anomalies of several services in a window add up to a smaller boost."""
    service.report(0)
    service.now += 5
    assert service.report(4)["BoostRate"] == 0.25


def test_rules_without_boost_are_never_boosted(rule: Callable[..., Any]) -> None:
    """A rule without SamplingRateBoost, and one whose maximum is below its rate, keep their rate."""
    assert Service(rule("web")).report(10) is None
    low = {"MaxRate": 0.1, "CooldownWindowMinutes": 0}
    assert Service(rule("web", FixedRate=0.2, SamplingRateBoost=low)).report(1) is None


def _report(name: str) -> Any:
    counts = {"RequestCount": 9, "SampledCount": 0}
    return {"RuleName": name, "ClientID": "a" * 24, "Timestamp": time.time(), **counts}


def _anomalies(name: str) -> Any:
    counts = {"AnomalyCount": 4, "TotalCount": 9, "SampledAnomalyCount": 0}
    return {"RuleName": name, "ServiceName": "shop", "Timestamp": time.time(), **counts}


def test_boosts_over_the_api(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """A client that reports both gets its boost; reports of rules that don't exist are told one by one."""
    boost = {"MaxRate": 0.5, "CooldownWindowMinutes": 10}
    xray.create_sampling_rule(SamplingRule=rule("web", SamplingRateBoost=boost))
    answer = xray.get_sampling_targets(
        SamplingStatisticsDocuments=[_report("web")],
        SamplingBoostStatisticsDocuments=[_anomalies(name) for name in ("web", "gone", "Default")],
    )
    (target,) = answer["SamplingTargetDocuments"]
    assert target["SamplingBoost"]["BoostRate"] == 0.25
    assert 50 < target["SamplingBoost"]["BoostRateTTL"].timestamp() - time.time() < 70
    assert [problem["RuleName"] for problem in answer["UnprocessedBoostStatistics"]] == ["gone"]


def test_a_deleted_rules_boost_goes_with_it(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """A new rule of the same name starts without the boost of the old one."""
    boost = {"MaxRate": 0.5, "CooldownWindowMinutes": 10}
    boosted = []
    for reports in ([_anomalies("web")], []):
        xray.create_sampling_rule(SamplingRule=rule("web", SamplingRateBoost=boost))
        answer = xray.get_sampling_targets(
            SamplingStatisticsDocuments=[_report("web")], SamplingBoostStatisticsDocuments=reports
        )
        boosted.append("SamplingBoost" in answer["SamplingTargetDocuments"][0])
        xray.delete_sampling_rule(RuleName="web")
    assert boosted == [True, False]
