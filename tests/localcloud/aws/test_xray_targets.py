"""Sampling targets and statistics: over boto3, and with a clock of the test's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from localcloud.aws.xray.models import XRayBackend

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
    assert target["ReservoirQuotaTTL"].timestamp() > time.time()
    assert answer["LastRuleModification"] >= record["ModifiedAt"]
    assert answer["UnprocessedStatistics"] == []
    assert "SamplingBoost" not in target


def test_clients_share_the_reservoir(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """Three clients of one rule together never get more than its reservoir."""
    xray.create_sampling_rule(SamplingRule=rule("web", ReservoirSize=5))
    quotas: dict[str, int] = {}
    for client in "abcabc":
        answer = xray.get_sampling_targets(SamplingStatisticsDocuments=[_report("web", client)])
        quotas[client] = answer["SamplingTargetDocuments"][0]["ReservoirQuota"]
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


def test_statistics_add_up_by_window(xray: XRayClient) -> None:
    """Counts of all clients add up in windows of ten seconds."""
    start = time.time() // 10 * 10
    reports = [_report("Default", client, Timestamp=start + 1) for client in "ab"]
    reports.append(_report("Default", Timestamp=start - 10))
    xray.get_sampling_targets(SamplingStatisticsDocuments=reports)
    summaries = xray.get_sampling_statistic_summaries()["SamplingStatisticSummaries"]
    counts = {
        summary["Timestamp"].timestamp(): (
            summary["RequestCount"],
            summary["BorrowCount"],
            summary["SampledCount"],
        )
        for summary in summaries
    }
    assert counts == {start: (20, 2, 4), start - 10: (10, 1, 2)}


def test_modification_in_the_second_of_a_fetch_is_seen() -> None:
    """SDKs compare whole seconds: a change within the second of their fetch counts as later than it."""
    backend = XRayBackend("us-east-1", "123456789012", clock=lambda: NOW)
    answer = backend.targets.report([], [])
    assert answer["LastRuleModification"] > int(NOW)


def test_boost_reports_of_unknown_rules_are_told() -> None:
    """Boost reports are taken; those for rules that don't exist are listed."""
    backend = XRayBackend("us-east-1", "123456789012", clock=lambda: NOW)
    boosts = [{"RuleName": name, "Timestamp": NOW} for name in ("Default", "gone")]
    unprocessed = backend.targets.report([], boosts)["UnprocessedBoostStatistics"]
    assert [problem["RuleName"] for problem in unprocessed] == ["gone"]
