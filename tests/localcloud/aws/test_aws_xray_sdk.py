"""The X-Ray SDK's own sampler against the AWS port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.sampling.connector import ServiceConnector
from aws_xray_sdk.core.sampling.rule_cache import RuleCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_xray import XRayClient


@pytest.fixture(autouse=True)
def closed_recorder() -> Iterator[None]:
    """The SDK opens a UDP socket when it is imported and never closes it."""
    yield
    xray_recorder.emitter._socket.close()


def test_sdk_reads_rules_and_takes_its_quota(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """The SDK reads our rules, follows the right one, reports its counts and takes quota and rate."""
    xray.create_sampling_rule(SamplingRule=rule("web", ServiceName="shop"))
    xray.create_sampling_rule(SamplingRule=rule("attributes", Attributes={"a": "b"}))
    connector = ServiceConnector()
    connector.setup_xray_client(None, None, xray)
    cache = RuleCache()
    cache.load_rules(connector.fetch_sampling_rules())
    cache.last_updated = 1
    assert [rule.name for rule in cache.rules] == ["web", "Default"]
    matched = cache.get_matched_rule({"service": "shop"}, now=1)
    assert matched.name == "web"
    assert cache.get_matched_rule({"service": "other"}, now=1).name == "Default"
    matched.increment_request_count()
    targets, modified = connector.fetch_sampling_target([matched])
    assert (targets["web"]["quota"], targets["web"]["rate"], targets["web"]["interval"]) == (5, 0.1, 10)
    assert modified > cache.last_updated
