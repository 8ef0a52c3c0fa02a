"""Stack alarms: its life at the local cloud, and what it watches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.local_aws import LocalAws, Stack
from xray import filters

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "cruddur-local-backend-flask"
GROUP = "/cruddur/local/backend-flask"
ALB, TARGETS = f"app/{NAME}/50dc6c495c0c9188", f"targetgroup/{NAME}/73e2d6bc24d8a067"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
GOOD: dict[str, Any] = {
    "name": NAME,
    "xray_group_name": NAME,
    "filter_expression": f'service("{NAME}")',
    "service_name": NAME,
    "log_group_name": GROUP,
    "tracing_mode": "direct",
    "faults_percent": 5,
    "latency_seconds": 1.5,
    "emails": ["ops@example.com"],
    "alb_arn_suffix": ALB,
    "target_group_arn_suffix": TARGETS,
    "ecs": {"cluster_name": "cruddur-local", "service_name": NAME},
    "honeycomb_url": "https://ui.honeycomb.io/team/environments/dev",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A local AWS for this module."""
    with LocalAws() as running:
        yield running


@pytest.fixture(scope="module")
def stack(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, for all tests."""
    with Stack.at(aws, "alarms", tmp_path_factory.mktemp("alarms")) as copied:
        yield copied


@pytest.fixture
def at_aws(aws: LocalAws, stack: Stack) -> Stack:
    """The stack at an AWS that has nothing but the log group, without a state."""
    aws.reset()
    for file in stack.folder.glob("terraform.tfstate*"):
        file.unlink()
    aws.client("logs").create_log_group(logGroupName=GROUP)
    return stack


def alarms_of(aws: LocalAws) -> dict[str, dict[str, Any]]:
    """Return the alarms by name."""
    found = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix(f"{NAME}-"): alarm for alarm in found}


def test_alarms_are_made_stay_as_they_are_and_go(at_aws: Stack, aws: LocalAws) -> None:
    """Applied, a second plan shows no change; destroyed, nothing is left but the log group."""
    at_aws.succeed("apply", GOOD, "-auto-approve")
    alarms = alarms_of(aws)
    assert set(alarms) == {
        "xray-faults",
        "xray-slow",
        "alb-5xx",
        "latency",
        "unhealthy",
        "no-task",
        "spans-lost",
        "sink-down",
    }
    [topic] = aws.client("sns").list_topics()["Topics"]
    assert all(alarm["AlarmActions"] == [topic["TopicArn"]] for alarm in alarms.values())
    missing = {name: alarm["TreatMissingData"] for name, alarm in alarms.items()}
    assert missing.pop("no-task") == "breaching"
    assert set(missing.values()) == {"notBreaching"}
    assert at_aws.run("plan", GOOD, "-detailed-exitcode").code == 0
    at_aws.succeed("destroy", GOOD, "-auto-approve")
    assert alarms_of(aws) == {}
    assert aws.client("sns").list_topics()["Topics"] == []
    assert aws.client("logs").describe_metric_filters(logGroupName=GROUP)["metricFilters"] == []
    assert [group["GroupName"] for group in aws.client("xray").get_groups()["Groups"]] in ([], ["Default"])
    assert aws.client("cloudwatch").list_dashboards()["DashboardEntries"] == []


def test_what_is_watched_and_who_may_tell(at_aws: Stack, aws: LocalAws) -> None:
    """Groups of faults and slow traces that X-Ray can read, one topic for these alarms, a dashboard."""
    at_aws.succeed("apply", GOOD, "-auto-approve")
    groups = {
        group["GroupName"].removeprefix(f"{NAME}-"): group["FilterExpression"]
        for group in aws.client("xray").get_groups()["Groups"]
        if "FilterExpression" in group
    }
    assert groups["5xx"] == f'(service("{NAME}")) AND service("{NAME}") {{fault}}'
    assert groups["slow"].endswith("{responsetime > 1.5}")
    for text in groups.values():
        filters.parse(text)
    for key, alarm in (("5xx", "xray-faults"), ("slow", "xray-slow")):
        queries = {query["Id"]: query for query in alarms_of(aws)[alarm]["Metrics"]}
        counted = {name: queries[name]["MetricStat"]["Metric"] for name in ("traces", "found")}
        assert {metric["Namespace"] for metric in counted.values()} == {"AWS/X-Ray"}
        assert [metric["Dimensions"][0]["Value"] for metric in counted.values()] == [NAME, f"{NAME}-{key}"]
    sns = aws.client("sns")
    [topic] = sns.list_topics()["Topics"]
    policy = json.loads(sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]["Policy"])
    [statement] = policy["Statement"]
    assert (statement["Action"], statement["Principal"]) == (
        "sns:Publish",
        {"Service": "cloudwatch.amazonaws.com"},
    )
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{NAME}-*"},
    }
    [subscription] = sns.list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
    body = json.loads(aws.client("cloudwatch").get_dashboard(DashboardName=NAME)["DashboardBody"])
    shown = {
        alarm
        for widget in body["widgets"]
        if widget["type"] == "alarm"
        for alarm in widget["properties"]["alarms"]
    }
    assert shown == {alarm["AlarmArn"] for alarm in alarms_of(aws).values()}
    places = [(widget["x"], widget["y"]) for widget in body["widgets"]]
    assert len(set(places)) == len(places)
    assert "https://ui.honeycomb.io/team/environments/dev" in json.dumps(body)


def test_without_a_deployment_there_are_no_alarms_of_it(at_aws: Stack, aws: LocalAws) -> None:
    """Neither load balancer nor tasks are watched before there are any; a long name fits X-Ray's 32."""
    name = "a-project-with-a-long-name-prod-backend-flask"
    bare = {key: GOOD[key] for key in GOOD if key not in {"alb_arn_suffix", "target_group_arn_suffix", "ecs"}}
    at_aws.succeed("apply", bare | {"name": name, "tracing_mode": "collector"}, "-auto-approve")
    made = {alarm["AlarmName"].removeprefix(f"{name}-") for alarm in alarms_of(aws).values()}
    assert made == {"xray-faults", "xray-slow", "spans-lost", "sink-down"}
    filters_made = aws.client("logs").describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    assert "collector-failed" in {one["metricTransformations"][0]["metricName"] for one in filters_made}
    assert not any("xray" in one["filterName"] for one in filters_made)
    groups = [group["GroupName"] for group in aws.client("xray").get_groups()["Groups"]]
    assert all(len(group) <= 32 for group in groups)
