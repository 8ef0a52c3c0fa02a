"""What a resource gives every document of its process: origin, service, aws blocks, metadata."""

from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.resources import Resource

from services.tracing.translation.values import json_value, text, whole_number, without_empty

RESOURCE_PREFIX = "otel.resource."
AWS = "aws"

_ORIGINS = {
    "aws_app_runner": "AWS::AppRunner::Service",
    "aws_eks": "AWS::EKS::Container",
    "aws_elastic_beanstalk": "AWS::ElasticBeanstalk::Environment",
    "aws_ecs": "AWS::ECS::Container",
    "aws_ec2": "AWS::EC2::Instance",
}
_ECS_LAUNCH_TYPES = {"ec2": "AWS::ECS::EC2", "fargate": "AWS::ECS::Fargate"}
_LOG_GROUP_FIELD_OF_ARN = 6


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource as documents need it, worked out once. `is_aws` is false only for another cloud's."""

    resource: Resource
    service_name: str
    language: str
    origin: str | None
    service: dict[str, Any]
    aws: dict[str, Any]
    is_aws: bool
    prefixed: dict[str, Any]


_cache: dict[int, ResourceView] = {}
_CACHE_MAX = 8


def view_of(resource: Resource) -> ResourceView:
    """Return the resource's view; a process has one resource, so that it is remembered by identity."""
    view = _cache.get(id(resource))
    if view is None or view.resource is not resource:
        if len(_cache) >= _CACHE_MAX:
            _cache.clear()
        view = _cache[id(resource)] = _make_view(resource)
    return view


def _make_view(resource: Resource) -> ResourceView:
    attributes = dict(resource.attributes)
    provider = text(attributes.get("cloud.provider", ""))
    is_aws = provider in {"", AWS}
    version = attributes.get("service.version") or attributes.get("container.image.tag")
    return ResourceView(
        resource=resource,
        service_name=text(attributes.get("service.name", "")),
        language=text(attributes.get("telemetry.sdk.language", "")),
        origin=_origin(attributes) if is_aws else None,
        service={"version": text(version)} if version else {},
        aws=_aws(attributes) if is_aws else {},
        is_aws=is_aws,
        prefixed={RESOURCE_PREFIX + key: json_value(value) for key, value in attributes.items()},
    )


def _origin(attributes: dict[str, Any]) -> str | None:
    platform = attributes.get("cloud.platform")
    if platform == "aws_ecs":
        launch_type = text(attributes.get("aws.ecs.launchtype", "")).lower()
        return _ECS_LAUNCH_TYPES.get(launch_type, _ORIGINS["aws_ecs"])
    return _ORIGINS.get(text(platform))


def _aws(attributes: dict[str, Any]) -> dict[str, Any]:
    def get(key: str) -> str:
        return text(attributes.get(key, ""))

    platform, sdk, language = get("cloud.platform"), get("telemetry.sdk.name"), get("telemetry.sdk.language")
    blocks: dict[str, Any] = {"account_id": get("cloud.account.id")}
    if platform == "aws_ec2" or get("host.id"):
        blocks["ec2"] = without_empty(
            {
                "instance_id": get("host.id"),
                "availability_zone": get("cloud.availability_zone"),
                "instance_size": get("host.type"),
                "ami_id": get("host.image.id"),
            }
        )
    if platform == "aws_ecs":
        blocks["ecs"] = without_empty(
            {
                "container": get("container.name"),
                "container_id": get("container.id"),
                "container_arn": get("aws.ecs.container.arn"),
                "cluster_arn": get("aws.ecs.cluster.arn"),
                "task_arn": get("aws.ecs.task.arn"),
                "task_family": get("aws.ecs.task.family"),
                "launch_type": get("aws.ecs.launchtype"),
                "availability_zone": get("cloud.availability_zone"),
            }
        )
    if platform == "aws_elastic_beanstalk" and get("service.instance.id"):
        blocks["elastic_beanstalk"] = without_empty(
            {
                "environment_name": get("service.namespace"),
                "deployment_id": whole_number(get("service.instance.id")) or 0,
                "version_label": get("service.version"),
            }
        )
    if platform == "aws_eks" or get("k8s.cluster.name"):
        blocks["eks"] = without_empty(
            {
                "cluster_name": get("k8s.cluster.name"),
                "pod": get("k8s.pod.name"),
                "container_id": get("container.id"),
            }
        )
    blocks["cloudwatch_logs"] = _log_groups(attributes) or None
    blocks["xray"] = without_empty(
        {
            "sdk": f"{sdk} for {language}" if sdk and language else sdk,
            "sdk_version": get("telemetry.sdk.version"),
            "auto_instrumentation": bool(get("telemetry.distro.version") or get("telemetry.auto.version")),
        }
    )
    return without_empty(blocks)


def _log_groups(attributes: dict[str, Any]) -> list[dict[str, str]]:
    groups = []
    for arn in _texts(attributes.get("aws.log.group.arns")):
        fields = arn.split(":")
        name = fields[_LOG_GROUP_FIELD_OF_ARN] if len(fields) > _LOG_GROUP_FIELD_OF_ARN else arn
        groups.append(without_empty({"log_group": name, "arn": arn}))
    return groups or [{"log_group": name} for name in _texts(attributes.get("aws.log.group.names"))]


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        # As OTEL_RESOURCE_ATTRIBUTES, which knows no lists, has several.
        return [part for part in value.split("&") if part]
    return [text(item) for item in value] if isinstance(value, list | tuple) else [text(value)]
