"""Sampling targets and statistics: over boto3, and with a clock of the test's."""

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

NOW = 1_700_000_000.25


def _report(name: str, client: str = "a", **members: Any) -> Any:
    report = {
        "RuleName": name,
        "ClientID": client * 24,
        "Timestamp": time.time(),
        "RequestCount": 10,
        "SampledCount": 2,
        "BorrowCount": 1,
    }
    return {**report, **members}


def test_target_of_a_rule(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """A report is answered with rate, quota, its end and the interval, and when rules last changed."""
    record = xray.create_sampling_rule(SamplingRule=rule("web"))["SamplingRuleRecord"]
    answer = xray.get_sampling_targets(SamplingStatisticsDocuments=[_report("web")])
    target = answer["SamplingTargetDocuments"][0]
    assert target["RuleName"] == "web"
    assert (target["FixedRate"], target["ReservoirQuota"], target["Interval"]) == (0.1, 5, 10)
    assert 290 < target["ReservoirQuotaTTL"].timestamp() - time.time() <= 300
    assert answer["LastRuleModification"] >= record["ModifiedAt"]
    assert answer["UnprocessedStatistics"] == []
    assert "SamplingBoost" not in target


def test_clients_share_the_reservoir(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """Three clients of one rule together never get more than its reservoir."""
    xray.create_sampling_rule(SamplingRule=rule("web", ReservoirSize=5))
    quotas: dict[str, int] = {}
    for client in "abcabc":
        answer = xray.get_sampling_targets(SamplingStatisticsDocuments=[_report("web", client)])
        quotas[client] = answer["SamplingTargetDocuments"][0].get("ReservoirQuota", 0)
        assert sum(quotas.values()) <= 5
    assert sum(quotas.values()) == 5


def test_unknown_and_stale_reports_are_told(xray: XRayClient) -> None:
    """A rule that doesn't exist and a time out of range are told one by one; the rest is taken."""
    old, ahead = time.time() - 3600, time.time() + 3600
    answer = xray.get_sampling_targets(
        SamplingStatisticsDocuments=[
            _report("gone"),
            _report("Default", Timestamp=old),
            _report("Default", Timestamp=ahead),
            _report("Default"),
        ]
    )
    assert [target["RuleName"] for target in answer["SamplingTargetDocuments"]] == ["Default"]
    unprocessed = answer["UnprocessedStatistics"]
    assert [problem["RuleName"] for problem in unprocessed] == ["gone", "Default", "Default"]
    assert ["not exist" in unprocessed[0]["Message"], "older" in unprocessed[1]["Message"]] == [True, True]


def test_modification_shows_every_change(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """Making, changing and deleting a rule each moves LastRuleModification past the moment before it."""
    changes: tuple[Callable[[], Any], ...] = (
        lambda: xray.create_sampling_rule(SamplingRule=rule("web")),
        lambda: xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": "web", "Priority": 7}),
        lambda: xray.delete_sampling_rule(RuleName="web"),
    )
    for change in changes:
        before = time.time()
        change()
        answer = xray.get_sampling_targets(SamplingStatisticsDocuments=[_report("Default")])
        assert answer["LastRuleModification"].timestamp() >= before


def test_modification_in_the_second_of_a_fetch_is_seen() -> None:
    """SDKs compare whole seconds: a change within the second of their fetch counts as later than it."""
    rules = SamplingRules(Place("aws", "us-east-1", "123456789012"), lambda: NOW)
    answer = SamplingTargets(rules, SamplingStatistics(), lambda: NOW).report([], [])
    assert answer["LastRuleModification"] > int(NOW)


def test_a_quota_that_nobody_has_left_over_is_left_out(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """A new client gets rate and interval but no quota, and borrows until others have reported."""
    xray.create_sampling_rule(SamplingRule=rule("web", ReservoirSize=4))
    targets = [
        xray.get_sampling_targets(SamplingStatisticsDocuments=[_report("web", client)])[
            "SamplingTargetDocuments"
        ][0]
        for client in "abab"
    ]
    assert [target.get("ReservoirQuota") for target in targets] == [4, None, 2, 2]
    assert targets[1].keys() == {"RuleName", "FixedRate", "Interval"}


def test_too_many_reports(xray: XRayClient) -> None:
    """More than 25 reports, or boost reports, in a call are refused as a whole."""
    reports = [_report("Default") for _ in range(26)]
    xray.get_sampling_targets(SamplingStatisticsDocuments=reports[:25])
    with pytest.raises(xray.exceptions.InvalidRequestException, match="less than or equal to 25"):
        xray.get_sampling_targets(SamplingStatisticsDocuments=reports)
    boost: Any = {"RuleName": "Default", "ServiceName": "a", "Timestamp": time.time()}
    boost |= dict.fromkeys(("AnomalyCount", "TotalCount", "SampledAnomalyCount"), 0)
    with pytest.raises(xray.exceptions.InvalidRequestException, match="less than or equal to 25"):
        xray.get_sampling_targets(
            SamplingStatisticsDocuments=[], SamplingBoostStatisticsDocuments=[boost] * 26
        )
