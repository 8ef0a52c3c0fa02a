"""Indexing rules over boto3."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint


@pytest.fixture
def lenient(xray: XRayClient, endpoint: Endpoint) -> Iterator[XRayClient]:
    """A client that leaves it to the service to check parameters."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    client: XRayClient = endpoint.client("xray", region_name=xray.meta.region_name, config=config)
    yield client
    client.close()


def _probabilistic(percentage: float) -> Any:
    return {"Probabilistic": {"DesiredSamplingPercentage": percentage}}


def test_default_indexes_one_percent(xray: XRayClient) -> None:
    """There is one rule, Default, of 1 %."""
    (rule,) = xray.get_indexing_rules()["IndexingRules"]
    assert rule["Name"] == "Default"
    percentages = {"DesiredSamplingPercentage": 1.0, "ActualSamplingPercentage": 1.0}
    assert rule["Rule"] == {"Probabilistic": percentages}


@pytest.mark.parametrize("percentage", [0, 0.5, 100])
def test_a_rule_is_changed(xray: XRayClient, percentage: float) -> None:
    """A new percentage is answered, kept and dated; again is no error."""
    before = time.time()
    for _ in range(2):
        changed = xray.update_indexing_rule(Name="Default", Rule=_probabilistic(percentage))["IndexingRule"]
    assert changed["Rule"]["Probabilistic"]["DesiredSamplingPercentage"] == percentage
    assert changed["ModifiedAt"].timestamp() >= int(before)
    assert xray.get_indexing_rules()["IndexingRules"] == [changed]


def test_unknown_rules_are_not_found(xray: XRayClient) -> None:
    """Another name is 404."""
    with pytest.raises(xray.exceptions.ResourceNotFoundException) as caught:
        xray.update_indexing_rule(Name="x'; DROP TABLE rules", Rule=_probabilistic(1))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (_probabilistic(100.1), "0 to 100"),
        (_probabilistic(-1), "0 to 100"),
        ({}, "Probabilistic"),
        ({"Probabilistic": {}}, "not be null"),
    ],
)
def test_wrong_rules_change_nothing(lenient: XRayClient, rule: Any, message: str) -> None:
    """A percentage out of range, or none, is refused."""
    before = lenient.get_indexing_rules()["IndexingRules"]
    with pytest.raises(lenient.exceptions.InvalidRequestException, match=message):
        lenient.update_indexing_rule(Name="Default", Rule=rule)
    assert lenient.get_indexing_rules()["IndexingRules"] == before


def test_there_is_one_page(xray: XRayClient) -> None:
    """No token of ours exists, so that any is refused."""
    with pytest.raises(xray.exceptions.InvalidRequestException, match="NextToken"):
        xray.get_indexing_rules(NextToken="x")
