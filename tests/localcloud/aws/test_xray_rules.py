"""Sampling rules over boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint


def _names(xray: XRayClient) -> list[str]:
    records = xray.get_sampling_rules()["SamplingRuleRecords"]
    return [record["SamplingRule"]["RuleName"] for record in records]


def test_default_rule(xray: XRayClient) -> None:
    """Default has AWS's values, only its rate and reservoir change, and it can't be deleted."""
    record = xray.get_sampling_rules()["SamplingRuleRecords"][0]
    rule = record["SamplingRule"]
    assert (rule["Priority"], rule["FixedRate"], rule["ReservoirSize"]) == (10000, 0.05, 1)
    assert record["CreatedAt"].timestamp() == 0
    assert rule["RuleARN"].endswith(":sampling-rule/Default")
    changed = xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": "Default", "FixedRate": 0.5})
    assert changed["SamplingRuleRecord"]["SamplingRule"] == {**rule, "FixedRate": 0.5}
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Invalid update request for default"):
        xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": "Default", "Host": "x"})
    with pytest.raises(xray.exceptions.InvalidRequestException, match="can't be deleted"):
        xray.delete_sampling_rule(RuleName="Default")


def test_rule_lives(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """A rule is made, read back as it was sent, changed in part and deleted."""
    wanted = rule("web", Attributes={"a": "b"})
    made = xray.create_sampling_rule(SamplingRule=wanted, Tags=[{"Key": "k", "Value": "v"}])
    arn = made["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]
    assert made["SamplingRuleRecord"]["SamplingRule"] == {**wanted, "RuleARN": arn}
    assert xray.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    changed = xray.update_sampling_rule(SamplingRuleUpdate={"RuleARN": arn, "Priority": 1, "Attributes": {}})
    record = changed["SamplingRuleRecord"]
    assert record["SamplingRule"] == {**wanted, "RuleARN": arn, "Priority": 1, "Attributes": {}}
    assert record["CreatedAt"] == made["SamplingRuleRecord"]["CreatedAt"]
    assert record["ModifiedAt"] >= record["CreatedAt"]
    assert xray.delete_sampling_rule(RuleName="web")["SamplingRuleRecord"] == record
    assert _names(xray) == ["Default"]
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Sampling rule does not exist"):
        xray.delete_sampling_rule(RuleName="web")


def test_rules_come_all_at_once_in_order(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """All 25 custom rules and Default are on one page by priority and name; the 26th is refused."""
    for number in range(25):
        xray.create_sampling_rule(SamplingRule=rule(f"rule-{number:02}", Priority=1 + number % 3))
    names = _names(xray)
    assert len(names) == 26
    assert names[-1] == "Default"
    assert names[:2] == ["rule-00", "rule-03"]
    with pytest.raises(xray.exceptions.RuleLimitExceededException):
        xray.create_sampling_rule(SamplingRule=rule("one-more"))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Priority": 0}, "greater than or equal to 1"),
        ({"Priority": 10000}, "less than or equal to 9999"),
        ({"FixedRate": 1.5}, "less than or equal to 1"),
        ({"ReservoirSize": -1}, "greater than or equal to 0"),
        ({"RuleName": "x" * 33}, "length less than or equal to 32"),
        ({"RuleName": "Default"}, "already exists"),
        ({"URLPath": "x" * 129}, "length less than or equal to 128"),
        ({"Attributes": {f"k{number}": "v" for number in range(6)}}, "length less than or equal to 5"),
        ({"SamplingRateBoost": {"MaxRate": 2.0, "CooldownWindowMinutes": 1}}, "axRate"),
    ],
)
def test_rule_limits(
    endpoint: Endpoint, region: str, rule: Callable[..., Any], members: dict[str, Any], message: str
) -> None:
    """Values out of X-Ray's limits are refused by the service itself, with the limit named."""
    client = endpoint.client("xray", region_name=region, config=Config(parameter_validation=False))
    with pytest.raises(client.exceptions.InvalidRequestException, match=message):
        client.create_sampling_rule(SamplingRule=rule("web") | members)
    client.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Priority": 10000}, "allowed are 1 to 9999"),
        ({"FixedRate": -0.1}, "allowed are 0 to 1"),
        ({"ReservoirSize": -1}, "allowed are 0 and more"),
    ],
)
def test_update_limits(
    xray: XRayClient, rule: Callable[..., Any], change: dict[str, Any], message: str
) -> None:
    """An update is held to the limits that the model leaves out for it, and changes nothing when refused."""
    xray.create_sampling_rule(SamplingRule=rule("web"))
    before = xray.get_sampling_rules()["SamplingRuleRecords"]
    with pytest.raises(xray.exceptions.InvalidRequestException, match=message):
        xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": "web", **change})  # type: ignore[typeddict-item]
    assert xray.get_sampling_rules()["SamplingRuleRecords"] == before


def test_unset_boost_is_left_out(xray: XRayClient, rule: Callable[..., Any]) -> None:
    """SamplingRateBoost appears only where it was set."""
    boost = {"MaxRate": 0.5, "CooldownWindowMinutes": 10}
    xray.create_sampling_rule(SamplingRule=rule("plain"))
    xray.create_sampling_rule(SamplingRule=rule("boosted", SamplingRateBoost=boost))
    rules = [record["SamplingRule"] for record in xray.get_sampling_rules()["SamplingRuleRecords"]]
    assert [rule.get("SamplingRateBoost") for rule in rules] == [boost, None, None]
