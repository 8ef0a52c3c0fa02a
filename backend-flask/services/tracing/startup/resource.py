"""What is told of the process with every span: its service, its environment, where it runs."""

from collections.abc import Mapping
from uuid import uuid4

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.version import __version__ as sdk_version

from services.tracing.settings import UNKNOWN_SERVICE, TracingSettings
from services.tracing.startup.detection import detect

_SERVICE_TYPES = {
    "aws_ec2": "AWS::EC2::Instance",
    "aws_ecs": "AWS::ECS::Container",
    "aws_eks": "AWS::EKS::Container",
    "aws_elastic_beanstalk": "AWS::ElasticBeanstalk::Environment",
    "aws_lambda": "AWS::Lambda::Function",
}
"""By cloud.platform, as OpenTelemetry's X-Ray samplers have it (reference: X-Ray, sampling)."""


def make_resource(settings: TracingSettings, group_name: str | None) -> Resource:
    """Return the resource of every span of this process. Asks the place where it runs, for 2 s at most.

    The service's name is OTEL_SERVICE_NAME, else the loaded group's name, else the one in
    OTEL_RESOURCE_ATTRIBUTES, which goes before what was detected in all the rest. `service.instance.id` is
    new for each process, where nobody names another.
    """
    detected = detect(settings.resource_detectors)
    detected.pop("service.name", None)  # Beanstalk's detector calls every service by the platform's name
    attributes: Mapping[str, str] = settings.resource_attributes
    name = settings.service_name or group_name or attributes.get("service.name") or UNKNOWN_SERVICE
    return Resource(
        {
            "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.version": sdk_version,
            "service.instance.id": str(uuid4()),
            "service.version": settings.service_version,
            **detected,
            **attributes,
            "service.name": name,
            "deployment.environment.name": settings.deployment_environment,
        }
    )


def service_type_of(resource: Resource) -> str:
    """Return the service type that sampling rules are matched with, as AWS::ECS::Container, or nothing."""
    return _SERVICE_TYPES.get(str(resource.attributes.get("cloud.platform", "")), "")
