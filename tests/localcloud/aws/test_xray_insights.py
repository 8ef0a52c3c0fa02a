"""Insights: there are none, but requests are held to the API's limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint

INSIGHT_ID = "12345678-1234-4234-8234-123456789abc"
DAY = 24 * 3600


@pytest.fixture
def lenient(xray: XRayClient, endpoint: Endpoint) -> Iterator[XRayClient]:
    """A client that leaves it to the service to check parameters."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    client: XRayClient = endpoint.client("xray", region_name=xray.meta.region_name, config=config)
    yield client
    client.close()


def _range(start: float = 0, end: float = 0) -> Any:
    now = time.time()
    return {"StartTime": now - start, "EndTime": now - end}


def test_groups_have_no_insights(xray: XRayClient) -> None:
    """A group by its name or ARN has none, whether insights are switched on or not."""
    insights: Any = {"InsightsEnabled": True}
    arn = xray.create_group(GroupName="web", InsightsConfiguration=insights)["Group"]["GroupARN"]
    answers = [
        xray.get_insight_summaries(GroupName="Default", **_range(3600)),
        xray.get_insight_summaries(GroupName="web", States=["ACTIVE"], MaxResults=100, **_range(29 * DAY)),
        xray.get_insight_summaries(GroupARN=arn, **_range(3600)),
    ]
    for answer in answers:
        assert answer["InsightSummaries"] == []
        assert "NextToken" not in answer


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"GroupName": "gone"}, "Group not found"),
        ({}, "Exactly one of GroupName and GroupARN"),
        ({"GroupName": "Default", "MaxResults": 101}, "less than or equal to 100"),
        ({"GroupName": "Default", "MaxResults": 0}, "greater than or equal to 1"),
        ({"GroupName": "Default", "States": ["OPEN"]}, "enum value set"),
        ({"GroupName": "Default", "States": ["ACTIVE", "CLOSED"]}, "less than or equal to 1"),
        ({"GroupName": "Default", "NextToken": "x"}, "NextToken is invalid"),
        ({"GroupName": "Default", **_range(31 * DAY)}, "30 days"),
        ({"GroupName": "Default", **_range(0, 3600)}, "must not be later"),
    ],
)
def test_summaries_are_refused_beyond_the_limits(
    lenient: XRayClient, parameters: dict[str, Any], message: str
) -> None:
    """Unknown groups, and values out of the API's limits, are invalid requests."""
    with pytest.raises(lenient.exceptions.InvalidRequestException, match=message):
        lenient.get_insight_summaries(**{**_range(3600), **parameters})


def test_unknown_insights_are_refused(xray: XRayClient) -> None:
    """No insight has an id."""
    invalid = xray.exceptions.InvalidRequestException
    with pytest.raises(invalid, match=f"Insight not found: {INSIGHT_ID}"):
        xray.get_insight(InsightId=INSIGHT_ID)
    with pytest.raises(invalid, match="Insight not found"):
        xray.get_insight_events(InsightId=INSIGHT_ID, MaxResults=50)
    with pytest.raises(invalid, match="Insight not found"):
        xray.get_insight_impact_graph(InsightId=INSIGHT_ID, **_range(6 * 3600))


def test_insights_are_refused_beyond_the_limits(lenient: XRayClient) -> None:
    """What is no id, more than 50 events, and ranges of more than six hours or 30 days are refused."""
    invalid = lenient.exceptions.InvalidRequestException
    with pytest.raises(invalid, match="regular expression pattern"):
        lenient.get_insight(InsightId="1' OR '1'='1")
    with pytest.raises(invalid, match="less than or equal to 50"):
        lenient.get_insight_events(InsightId=INSIGHT_ID, MaxResults=51)
    with pytest.raises(invalid, match="6 hours"):
        lenient.get_insight_impact_graph(InsightId=INSIGHT_ID, **_range(6 * 3600 + 1))
    with pytest.raises(invalid, match="30 days"):
        lenient.get_insight_impact_graph(InsightId=INSIGHT_ID, **_range(31 * DAY, 31 * DAY))
