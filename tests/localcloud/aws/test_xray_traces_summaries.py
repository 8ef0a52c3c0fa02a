"""GetTraceSummaries: ranges, filters, samples, groups and pages."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.segments import START, make_call, make_segment, make_trace_id, put

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient


def _page(xray: XRayClient, **parameters: Any) -> Any:
    return xray.get_trace_summaries(**{"StartTime": START, "EndTime": START + 60, **parameters})


def _ids(xray: XRayClient, **parameters: Any) -> list[str]:
    return [summary["Id"] for summary in _page(xray, **parameters)["TraceSummaries"]]


def test_filters(xray: XRayClient) -> None:
    """A filter chooses among the traces of the range; all of these count as processed."""
    good, bad, slow = make_trace_id(START + 3), make_trace_id(START + 2), make_trace_id(START + 1)
    caller, called = make_call(
        make_segment(bad, fault=True, http={"response": {"status": 500}}), "db", fault=True
    )
    slow_one = make_segment(slow, annotations={"user": "al"}, end_time=START + 20)
    put(xray, [make_segment(good), caller, called, slow_one])
    assert _ids(xray) == [good, bad, slow]
    assert _ids(xray, FilterExpression="") == [good, bad, slow]
    assert _ids(xray, FilterExpression="fault") == [bad]
    assert _ids(xray, FilterExpression="ok") == [good, slow]
    assert _ids(xray, FilterExpression='service("db") {fault}') == [bad]
    assert _ids(xray, FilterExpression='edge("web", "db") {fault} AND http.status = 500') == [bad]
    assert _ids(xray, FilterExpression='responsetime > 5 OR annotation.user = "nobody"') == [slow]
    assert _ids(xray, FilterExpression='rootcause.fault.service {name = "db"}') == [bad]
    assert _ids(xray, FilterExpression='annotation.user = "al\' OR true --"') == []
    page = _page(xray, FilterExpression="fault")
    assert page["TracesProcessedCount"] == 3
    (summary,) = page["TraceSummaries"]
    assert [service["Name"] for service in summary["FaultRootCauses"][0]["Services"]] == ["web", "db"]


@pytest.mark.parametrize("text", ["duration <", "foo = 1", "fault OR", 'group.name = "nobody"', "(" * 1000])
def test_filters_that_cant_be_read(xray: XRayClient, text: str) -> None:
    """A filter that X-Ray couldn't read is refused, with the place where there is one."""
    with pytest.raises(xray.exceptions.InvalidRequestException) as refused:
        _page(xray, FilterExpression=text)
    message = refused.value.response["Error"]["Message"]
    assert ("Error Location: line 1, position" in message) == ("group" not in text)


def test_time_of_segments(xray: XRayClient) -> None:
    """`Service` asks for the end of a segment, `Event` for anything going on; both tell when that was."""
    trace_id = make_trace_id()
    put(xray, [make_segment(trace_id), make_segment(trace_id, name="late", end_time=START + 9)])

    def found(start: float, end: float, kind: str) -> bool:
        return bool(_ids(xray, StartTime=START + start, EndTime=START + end, TimeRangeType=kind))

    assert found(8.5, 9.5, "Service")
    assert found(1, 2, "Service")
    assert not found(2, 8, "Service")
    assert not found(8, 9, "Service")
    assert found(2, 8, "Event")
    assert not found(10, 11, "Event")
    for kind in ("Event", "Service"):
        (summary,) = _page(xray, StartTime=START + 1, TimeRangeType=kind)["TraceSummaries"]
        assert summary["MatchedEventTime"].timestamp() == START + 1
    assert "MatchedEventTime" not in _page(xray)["TraceSummaries"][0]


def test_newest_first_in_pages(xray: XRayClient) -> None:
    """Pages go from the newest trace to the oldest; a filter is kept from page to page."""
    ids = [make_trace_id(START + number) for number in range(50)] + [make_trace_id(START) for _ in range(300)]
    put(xray, (make_segment(one, error=number % 2 == 0) for number, one in enumerate(ids)))
    pages = xray.get_paginator("get_trace_summaries").paginate(
        StartTime=START, EndTime=START + 60, FilterExpression="error"
    )
    found = [[summary["Id"] for summary in page["TraceSummaries"]] for page in pages]
    assert [len(page) for page in found] == [100, 75]
    flat = list(itertools.chain.from_iterable(found))
    assert flat == sorted(ids[::2], reverse=True)


def test_a_token_is_of_its_request(xray: XRayClient) -> None:
    """A token goes on with the same request alone, also when traces come meanwhile."""
    ids = [make_trace_id(START) for _ in range(150)]
    put(xray, map(make_segment, ids))
    token = _page(xray)["NextToken"]
    put(xray, [make_segment(make_trace_id(START + 1))])
    assert set(_ids(xray, NextToken=token)) < set(ids)
    for changed in ({"EndTime": START + 61}, {"FilterExpression": "ok"}, {"TimeRangeType": "Event"}):
        with pytest.raises(xray.exceptions.InvalidRequestException, match="NextToken"):
            _page(xray, NextToken=token, **changed)


def test_samples(xray: XRayClient) -> None:
    """A sample is the same every time; a partial scan looks at no more, a fixed rate looks at all."""
    ids = [make_trace_id(START) for _ in range(400)]
    put(xray, map(make_segment, ids))

    def sample(name: str, value: float) -> tuple[set[str], int]:
        strategy = {"Name": name, "Value": value}
        pages = xray.get_paginator("get_trace_summaries").paginate(
            StartTime=START,
            EndTime=START + 1,
            Sampling=True,
            SamplingStrategy=strategy,  # type: ignore[arg-type]
        )
        found = [
            (summary["Id"], page["TracesProcessedCount"])
            for page in pages
            for summary in page["TraceSummaries"]
        ]
        return {one for one, _ in found}, max((count for _, count in found), default=0)

    fixed, processed = sample("FixedRate", 0.25)
    assert 50 < len(fixed) < 150
    assert processed == 400
    scanned, processed = sample("PartialScan", 0.25)
    assert (scanned, processed) == (fixed, len(fixed))
    assert fixed < sample("FixedRate", 0.5)[0] < sample("FixedRate", 1)[0] == set(ids)
    assert sample("FixedRate", 0) == (set(), 0)
    assert len(
        _page(xray, Sampling=False, SamplingStrategy={"Name": "FixedRate", "Value": 0})["TraceSummaries"]
    )
    for value in (-0.1, 1.5):
        with pytest.raises(xray.exceptions.InvalidRequestException, match="Value"):
            sample("FixedRate", value)


def test_groups_in_filters(xray: XRayClient) -> None:
    """A group's filter counts for what arrives while it holds: before, and after a change, it doesn't."""
    before, during, after, never = (make_trace_id(START + number) for number in range(4))
    put(xray, [make_segment(before, fault=True)])
    made = xray.create_group(GroupName="bad", FilterExpression="fault")["Group"]
    put(xray, [make_segment(during, fault=True), make_segment(never)])
    assert _ids(xray, FilterExpression='group.name = "bad"') == [during]
    xray.update_group(GroupName="bad", FilterExpression="error")
    put(xray, [make_segment(after, error=True)])
    assert _ids(xray, FilterExpression='group.name = "bad"') == [after, during]
    assert _ids(xray, FilterExpression=f'group.arn = "{made["GroupARN"]}" AND fault') == [during]
    assert len(_ids(xray, FilterExpression='group.name = "Default"')) == 4


def test_group_filters_are_checked(xray: XRayClient) -> None:
    """A group whose filter can't be read isn't made or changed."""
    for text in ("fault OR", 'group.name = "nobody"'):
        with pytest.raises(xray.exceptions.InvalidRequestException, match=r"position|no group"):
            xray.create_group(GroupName="bad", FilterExpression=text)
    assert len(xray.get_groups()["Groups"]) == 1
    made = xray.create_group(GroupName="bad", FilterExpression="fault")["Group"]
    with pytest.raises(xray.exceptions.InvalidRequestException, match="position"):
        xray.update_group(
            GroupName="bad", FilterExpression="duration <", InsightsConfiguration={"InsightsEnabled": True}
        )
    assert xray.get_group(GroupName="bad")["Group"] == made


def test_far_times(xray: XRayClient) -> None:
    """Times that no clock shows are kept and found, and end no query."""
    trace_id = make_trace_id()
    put(xray, [make_segment(trace_id, start_time=START, end_time=1.7e308)])
    assert xray.batch_get_traces(TraceIds=[trace_id])["Traces"][0]["Duration"] > 1e9
    assert _ids(xray, TimeRangeType="Event") == [trace_id]
    assert _ids(xray, FilterExpression="duration > 5 AND responsetime > 5") == [trace_id]
