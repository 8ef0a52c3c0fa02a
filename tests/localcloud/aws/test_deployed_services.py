"""What a deployment has beside its ECS service: task definitions, images, scaling, alarms, topics."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.ecs import MANIFEST, Stage
from tests.localcloud.aws.people import ACCOUNT, refusal_of

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint

IMAGE = "public.ecr.aws/docker/library/python:3.11"
DIMENSION = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
CONTAINER: dict[str, Any] = {
    "name": "backend",
    "image": IMAGE,
    "cpu": 128,
    "essential": True,
    "command": ["gunicorn"],
    "user": "10001:10001",
    "readonlyRootFilesystem": True,
    "stopTimeout": 40,
    "startTimeout": 30,
    "portMappings": [{"containerPort": 4567, "hostPort": 4567, "protocol": "tcp"}],
    "environment": [{"name": "PORT", "value": "4567"}],
    "secrets": [{"name": "KEY", "valueFrom": f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/x"}],
    "dependsOn": [{"containerName": "collector", "condition": "HEALTHY"}],
    "healthCheck": {"command": ["CMD", "x"], "interval": 5, "timeout": 2, "retries": 3, "startPeriod": 9},
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/x"}},
    "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
    "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}],  # noqa: S108
    "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}],
    "volumesFrom": [],
    "systemControls": [],
}
TASK: dict[str, Any] = {
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "512",
    "memory": "1024",
    "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/task",
    "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/execution",
    "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
    "ephemeralStorage": {"sizeInGiB": 30},
    "volumes": [{"name": "tmp", "host": {}}],
}


@pytest.fixture
def stage(endpoint: Endpoint, name: str) -> Stage:
    """A cluster and a repository."""
    return Stage(endpoint, name).build()


@pytest.fixture
def target(stage: Stage) -> dict[str, str]:
    """A scalable target: a service's desired count, with a tag."""
    stage.create(stage.register(IMAGE))
    place = {**DIMENSION, "ResourceId": f"service/{stage.name}/{stage.name}"}
    scaling = stage.endpoint.client("application-autoscaling")
    made = scaling.register_scalable_target(**place, MinCapacity=2, MaxCapacity=10, Tags={"Team": "tracing"})
    return {**place, "arn": made["ScalableTargetARN"]}


def _place(target: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in target.items() if name != "arn"}


def test_a_task_definition_keeps_everything(stage: Stage) -> None:
    """Whatever a Fargate task definition is registered with is described."""
    containers = [CONTAINER, {"name": "collector", "image": IMAGE}]
    stage.ecs.register_task_definition(family=stage.name, containerDefinitions=containers, **TASK)
    found = stage.ecs.describe_task_definition(taskDefinition=stage.name)["taskDefinition"]
    assert {name: found[name] for name in TASK} == TASK
    assert found["containerDefinitions"][0] == CONTAINER


def test_cluster_settings(stage: Stage) -> None:
    """UpdateClusterSettings changes what it names."""
    setting = {"name": "containerInsights", "value": "enhanced"}
    changed = stage.ecs.update_cluster_settings(cluster=stage.name, settings=[setting])["cluster"]
    assert changed["settings"] == [setting]
    described = stage.ecs.describe_clusters(clusters=[stage.name], include=["SETTINGS"])["clusters"]
    assert described[0]["settings"] == [setting]
    nameless = {"cluster": stage.name, "settings": [{"value": "enabled"}]}
    assert refusal_of(stage.ecs.update_cluster_settings, **nameless)[0] == "InvalidParameterException"


def test_images_are_immutable(stage: Stage) -> None:
    """A tag names one image for good; what is pushed is described by its tag and its manifest's digest."""
    digest = stage.push("v1")
    for image in ({"imageTag": "v1"}, {"imageDigest": digest}):
        (found,) = stage.ecr.describe_images(repositoryName=stage.name, imageIds=[image])["imageDetails"]
        assert (found["imageDigest"], found["imageTags"]) == (digest, ["v1"])
    (whole,) = stage.ecr.batch_get_image(repositoryName=stage.name, imageIds=[{"imageTag": "v1"}])["images"]
    assert digest == f"sha256:{hashlib.sha256(whole['imageManifest'].encode()).hexdigest()}"
    other = json.dumps({**MANIFEST, "annotations": {"tag": "other"}})
    code, _ = refusal_of(stage.ecr.put_image, repositoryName=stage.name, imageManifest=other, imageTag="v1")
    assert code == "ImageTagAlreadyExistsException"
    stage.push("v2")
    moved = json.dumps({**MANIFEST, "annotations": {"tag": "v2"}})
    for tag, error in (
        ("v1", "ImageTagAlreadyExistsException"),
        ("v2", "ImageAlreadyExistsException"),
    ):
        code, _ = refusal_of(
            stage.ecr.put_image, repositoryName=stage.name, imageManifest=moved, imageTag=tag
        )
        assert code == error, tag
    missing = {"repositoryName": stage.name, "imageIds": [{"imageTag": "v3"}]}
    assert refusal_of(stage.ecr.describe_images, **missing)[0] == "ImageNotFoundException"


@pytest.mark.parametrize(
    ("image", "error"),
    [
        ({"repositoryName": "nobody", "imageManifest": "{}"}, "RepositoryNotFoundException"),
        ({"imageManifest": "[]"}, "InvalidParameterException"),
        ({"imageManifest": "no json"}, "InvalidParameterException"),
        ({"imageManifest": "{}"}, "InvalidParameterException"),
        (
            {"imageManifest": json.dumps(MANIFEST), "imageDigest": f"sha256:{64 * '0'}"},
            "ImageDigestDoesNotMatchException",
        ),
    ],
)
def test_images_that_are_none(stage: Stage, image: dict[str, str], error: str) -> None:
    """What can't be an image is refused with ECR's errors."""
    whole = {"repositoryName": stage.name, "imageTag": "v1", **image}
    assert refusal_of(stage.ecr.put_image, **whole)[0] == error


def test_tags_of_scalable_targets(stage: Stage, target: dict[str, str]) -> None:
    """They are kept from the registration on, added to and taken away."""
    scaling = stage.endpoint.client("application-autoscaling")
    arn = target["arn"]
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"Team": "tracing"}
    scaling.tag_resource(ResourceARN=arn, Tags={"Stage": "one", "Team": "other"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["Team", "Nothing"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"Stage": "one"}
    unknown = f"{arn}x"
    code, _ = refusal_of(scaling.list_tags_for_resource, ResourceARN=unknown)
    assert code == "ResourceNotFoundException"


def test_policies_of_scalable_targets(stage: Stage, target: dict[str, str]) -> None:
    """A changed policy keeps its ARN and has its own alarms alone; all go with the target."""
    scaling, alarms = stage.endpoint.client("application-autoscaling"), stage.endpoint.client("cloudwatch")
    prefix = f"TargetTracking-{target['ResourceId']}-"

    def put(value: float) -> str:
        tracking = {
            "TargetValue": value,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        }
        made = scaling.put_scaling_policy(
            **_place(target),
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )
        found = alarms.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        assert {alarm["AlarmName"] for alarm in made["Alarms"]} == {alarm["AlarmName"] for alarm in found}
        assert all(made["PolicyARN"] in action for alarm in found for action in alarm["AlarmActions"])
        return str(made["PolicyARN"])

    assert put(60) == put(70)
    scaling.deregister_scalable_target(**_place(target))
    assert scaling.describe_scaling_policies(**_place(target))["ScalingPolicies"] == []
    assert alarms.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"] == []
    policy = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling"}
    code, _ = refusal_of(scaling.put_scaling_policy, **_place(target), **policy)
    assert code == "ObjectNotFoundException"


def test_composite_alarms(endpoint: Endpoint, name: str) -> None:
    """They are made of alarms that are there, shown where they are asked for, and deleted."""
    cloudwatch = endpoint.client("cloudwatch")
    alarm = {
        "AlarmName": name,
        "Namespace": "Cruddur",
        "MetricName": "Dropped",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    rule = f'ALARM("{name}") OR NOT OK({name})'
    whole = {"AlarmName": f"any-{name}", "AlarmRule": rule, "AlarmDescription": "Any of them."}
    code, message = refusal_of(cloudwatch.put_composite_alarm, **whole)
    assert code == "ValidationError"
    assert f"[{name}]" in message
    cloudwatch.put_metric_alarm(**alarm)
    cloudwatch.put_composite_alarm(**whole, Tags=[{"Key": "Team", "Value": "tracing"}])
    names = [f"any-{name}", name]
    both = cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    (composite,) = both["CompositeAlarms"]
    assert {key: composite[key] for key in whole} == whole
    assert [found["AlarmName"] for found in both["MetricAlarms"]] == [name]
    assert not cloudwatch.describe_alarms(AlarmNames=names).get("CompositeAlarms")
    tags = cloudwatch.list_tags_for_resource(ResourceARN=composite["AlarmArn"])["Tags"]
    assert tags == [{"Key": "Team", "Value": "tracing"}]
    cloudwatch.delete_alarms(AlarmNames=[f"any-{name}"])
    left = cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    assert not left["CompositeAlarms"]
    assert left["MetricAlarms"]


def test_dropped_spans_are_a_metric(endpoint: Endpoint, name: str) -> None:
    """A filter of a log group is kept with its metric, and a topic with its subscription."""
    logs, sns = endpoint.client("logs"), endpoint.client("sns")
    logs.create_log_group(logGroupName=name)
    metric = {"metricName": "Dropped", "metricNamespace": "Cruddur", "metricValue": "$.dropped"}
    logs.put_metric_filter(
        logGroupName=name,
        filterName=name,
        filterPattern="{ $.dropped > 0 }",
        metricTransformations=[metric],
    )
    (found,) = logs.describe_metric_filters(logGroupName=name)["metricFilters"]
    assert (found["filterPattern"], found["metricTransformations"]) == ("{ $.dropped > 0 }", [metric])
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="somebody@cruddur.example")
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert subscription["Protocol"] == "email"
