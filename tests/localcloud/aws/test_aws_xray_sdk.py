"""The X-Ray SDK's own sampler against the AWS port."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.sampling.connector import ServiceConnector
from aws_xray_sdk.core.sampling.reservoir import ReservoirDecision
from aws_xray_sdk.core.sampling.rule_cache import RuleCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_xray import XRayClient


@pytest.fixture(autouse=True)
def closed_recorder() -> Iterator[None]:
    """The SDK opens a UDP socket when it is imported and never closes it."""
    yield
    xray_recorder.emitter._socket.close()


class Client:
    """What one process that uses the SDK has: rules, counts and quotas."""

    def __init__(self, xray: XRayClient) -> None:
        self.connector = ServiceConnector()
        self.connector.setup_xray_client(None, None, xray)
        self.cache = RuleCache()
        self.cache.load_rules(self.connector.fetch_sampling_rules())
        self.cache.last_updated = int(time.time())

    def match(self, **request: str) -> Any:
        """Return the rule that a request matches now."""
        return self.cache.get_matched_rule(request, now=int(time.time()))

    def report(self, *rules: Any) -> int:
        """Report rules and take their targets; return when rules last changed."""
        targets, modified = self.connector.fetch_sampling_target(list(rules))
        self.cache.load_targets(targets)
        return int(modified)


def test_two_sdks_share_a_reservoir(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """The second has no quota, and borrows, until the first has reported again; then each has its part."""
    xray.create_sampling_rule(SamplingRule=rule("web", ReservoirSize=5, FixedRate=0))
    clients = [Client(xray), Client(xray)]
    rules = [client.match(service="shop") for client in clients]
    seen = []
    for _ in range(2):
        for client, found in zip(clients, rules, strict=True):
            found.increment_request_count()
            client.report(found)
            seen.append(found.reservoir.quota)
    assert seen == [5, None, 3, 2]
    now = int(time.time())
    taken = [
        sum(found.reservoir.borrow_or_take(now, True) is ReservoirDecision.TAKE for _ in range(10))
        for found in rules
    ]
    assert taken == [3, 2]


def test_sdk_hears_of_changed_rules(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """A change after the SDK's fetch is later than it, so that the SDK fetches again."""
    xray.create_sampling_rule(SamplingRule=rule("web", FixedRate=0.5))
    client = Client(xray)
    client.cache.last_updated -= 60
    found = client.match(service="shop")
    found.increment_request_count()
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": "web", "FixedRate": 0.25})
    assert client.report(found) > client.cache.last_updated
    assert found.rate == 0.25


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
