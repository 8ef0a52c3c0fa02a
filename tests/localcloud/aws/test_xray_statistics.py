"""What clients reported, by window."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.aws.xray.statistics import COUNT_MAX, WINDOWS_KEPT, SamplingStatistics

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient


def _report(name: str, client: str = "a", **members: Any) -> Any:
    counts = {"RequestCount": 10, "SampledCount": 2, "BorrowCount": 1}
    return {"RuleName": name, "ClientID": client * 24, "Timestamp": time.time(), **counts, **members}


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


def test_pages_hold_every_window_once() -> None:
    """Windows come by time and rule, each on one page, also while older ones are forgotten."""
    statistics = SamplingStatistics()
    names = ["b", "a"]
    for number in range(50, 0, -1):
        for name in names:
            statistics.add(_report(name, Timestamp=number * 10 + 3))
    seen: list[tuple[float, str]] = []
    after = None
    while True:
        summaries, after = statistics.page(after, 7)
        assert len(summaries) <= 7
        seen += [(summary["Timestamp"], summary["RuleName"]) for summary in summaries]
        if after is None:
            break
    assert seen == [(number * 10.0, name) for number in range(1, 51) for name in sorted(names)]


def test_windows_and_counts_are_bounded() -> None:
    """The windows that came first go first; a count stays within 32 bits."""
    statistics = SamplingStatistics()
    for number in range(WINDOWS_KEPT + 5):
        statistics.add(_report("a", Timestamp=number * 10))
    statistics.add(_report("a", Timestamp=50, RequestCount=COUNT_MAX, BorrowCount=COUNT_MAX))
    summaries, _ = statistics.page(None, WINDOWS_KEPT + 5)
    assert len(summaries) == WINDOWS_KEPT
    assert summaries[0]["Timestamp"] == 50
    assert (summaries[0]["RequestCount"], summaries[0]["BorrowCount"]) == (COUNT_MAX, COUNT_MAX)
    assert summaries[0]["SampledCount"] == 4


def test_pages_over_the_api(xray: XRayClient) -> None:
    """More windows than a page holds are read to the end by boto3's paginator."""
    from localcloud.aws.xray.models import xray_backends

    statistics = xray_backends["123456789012"][xray.meta.region_name].statistics
    for number in range(2500):
        statistics.add(_report("Default", Timestamp=number * 10))
    pages = list(xray.get_paginator("get_sampling_statistic_summaries").paginate())
    assert [len(page["SamplingStatisticSummaries"]) for page in pages] == [1000, 1000, 500]
    times = [
        summary["Timestamp"].timestamp() for page in pages for summary in page["SamplingStatisticSummaries"]
    ]
    assert times == [number * 10 for number in range(2500)]


def _token(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "e30=",
        "\u00e9",
        _token("ListRetrievedTraces", 1, "a"),
        _token("GetSamplingStatisticSummaries", "a", 1),
        _token("GetSamplingStatisticSummaries", True, "a"),
        _token("GetSamplingStatisticSummaries", 1),
        "A" * 100_000,
    ],
)
def test_wrong_tokens_are_refused(xray: XRayClient, token: str) -> None:
    """A token that isn't this operation's own is an invalid request."""
    with pytest.raises(xray.exceptions.InvalidRequestException, match="NextToken is invalid"):
        xray.get_sampling_statistic_summaries(NextToken=token)
