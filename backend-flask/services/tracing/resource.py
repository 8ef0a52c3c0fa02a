"""What is told of the process with every span: its service, its environment, where it runs."""

from collections.abc import Mapping

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.version import __version__ as sdk_version

from services.tracing.settings import UNKNOWN_SERVICE, TracingSettings


def make_resource(settings: TracingSettings, group_name: str | None) -> Resource:
    """Return the resource of every span.

    The service's name is OTEL_SERVICE_NAME, else the loaded group's name, else the one in
    OTEL_RESOURCE_ATTRIBUTES.
    """
    attributes: Mapping[str, str] = settings.resource_attributes
    name = settings.service_name or group_name or attributes.get("service.name") or UNKNOWN_SERVICE
    return Resource(
        {
            "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.version": sdk_version,
            **attributes,
            "service.name": name,
            "service.version": settings.service_version,
            "deployment.environment.name": settings.deployment_environment,
        }
    )
