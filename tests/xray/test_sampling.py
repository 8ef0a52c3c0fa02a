"""Sampling rules: which one decides, and X-Ray's limits."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.sampling import (
    SamplingRequest,
    SamplingRule,
    find_rule,
    ignored_by_sdks,
    matches,
    sort_rules,
    validate_rule,
)

RULE = SamplingRule("service", 9000, 0.1, 5, service_name="cruddur")
DEFAULT = SamplingRule("Default", 10_000, 0.05, 1)


def test_a_rule_survives_the_way_to_the_api_and_back() -> None:
    """What is written as X-Ray's structure is read as the same rule."""
    rule = replace(RULE, attributes={"tier": "gold"})
    assert SamplingRule.from_api(rule.to_api()) == rule
    assert rule.to_api()["HTTPMethod"] == "*"


@pytest.mark.parametrize(("member", "value"), [("Priority", None), ("FixedRate", "much"), ("Attributes", 3)])
def test_a_broken_structure_is_named(member: str, value: Any) -> None:
    """A member that is missing or of another type is named, with its rule."""
    document = {**RULE.to_api(), member: value}
    with pytest.raises(ValueError, match=f"SamplingRule service: {member}"):
        SamplingRule.from_api(document)


def test_every_field_must_match() -> None:
    """A request that differs in one field from a rule's is not the rule's; unknown fields match only `*`."""
    request = SamplingRequest("cruddur", "AWS::ECS::Container", "api.example.com", "GET", "/api/home")
    rule = replace(RULE, service_type="AWS::*", host="*.example.com", http_method="get", url_path="/api/*")
    assert matches(rule, request)
    for field in ("service_name", "service_type", "host", "method", "path"):
        assert not matches(rule, replace(request, **{field: ""}))
    assert matches(DEFAULT, SamplingRequest())


def test_priority_then_name_decides_and_default_is_last() -> None:
    """Of equal priorities the smaller name in code points is asked first."""
    rules = [
        DEFAULT,
        replace(RULE, rule_name="b"),
        replace(RULE, rule_name="B"),
        replace(RULE, rule_name="a", priority=1),
    ]
    assert [rule.rule_name for rule in sort_rules(rules)] == ["a", "B", "b", "Default"]


def test_the_first_rule_that_sdks_follow_decides() -> None:
    """Rules with attributes, another ARN or version are passed over, with the reason told."""
    request = SamplingRequest(service_name="cruddur")
    odd = [
        replace(RULE, rule_name="a", attributes={"k": "v"}),
        replace(RULE, rule_name="b", resource_arn="arn:x"),
        replace(RULE, rule_name="c", version=2),
    ]
    assert [bool(ignored_by_sdks(rule)) for rule in [*odd, RULE]] == [True, True, True, False]
    assert find_rule(sort_rules([*odd, DEFAULT, RULE]), request) == RULE
    assert find_rule([DEFAULT], request) == DEFAULT
    assert find_rule([], request) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rule_name": ""}, "rule_name has 0 characters, allowed are 1 to 32"),
        ({"rule_name": "r" * 33}, "rule_name has 33"),
        ({"priority": 0}, "priority is 0, allowed are 1 to 9999"),
        ({"priority": 10_000}, "priority is 10000"),
        ({"fixed_rate": 1.01}, "fixed_rate is 1.01, allowed are 0 to 1"),
        ({"fixed_rate": float("nan")}, "fixed_rate is nan"),
        ({"reservoir_size": -1}, "reservoir_size is -1"),
        ({"version": 0}, "version is 0"),
        ({"host": "h" * 65}, "host has 65 characters, allowed are at most 64"),
        ({"http_method": "m" * 11}, "http_method has 11"),
        ({"url_path": "p" * 129}, "url_path has 129"),
        ({"resource_arn": "a" * 501}, "resource_arn has 501"),
        ({"attributes": {str(n): "v" for n in range(6)}}, "attributes has 6 entries"),
        ({"attributes": {"k" * 33: ""}}, "key"),
    ],
)
def test_each_limit_is_named(change: dict[str, Any], named: str) -> None:
    """A value out of X-Ray's limits is a problem that says what is allowed."""
    assert any(named in problem for problem in validate_rule(replace(RULE, **change)))


def test_rules_within_the_limits_have_no_problems() -> None:
    """The default rule may have its priority of 10000, which no other may."""
    assert validate_rule(RULE) == []
    assert validate_rule(DEFAULT) == []


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(1, 3)), max_size=6))
def test_sorting_is_stable_and_complete(pairs: list[tuple[str, int]]) -> None:
    """Sorting loses and invents no rule, and sorting twice changes nothing."""
    rules = [replace(RULE, rule_name=name, priority=priority) for name, priority in pairs]
    ordered = sort_rules(rules)
    assert sorted(map(repr, ordered)) == sorted(map(repr, rules))
    assert sort_rules(ordered) == ordered
