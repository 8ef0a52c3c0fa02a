"""Route 53: hosted zones, health checks and changes, whose ARNs have neither region nor account.

Source: "Actions, resources, and condition keys for Amazon Route 53".
"""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text
from localcloud.aws.services import ServiceCall

_CHANGE, _ZONE, _CHECK = "change", "hostedzone", "healthcheck"
_BY_PARAMETER = {"HostedZoneId": _ZONE, "HealthCheckId": _CHECK, "Id": _ZONE}
_TAGS = {"ChangeTagsForResource", "ListTagsForResource"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on the zone, check or change that is named, else on `*`."""
    return [Requirement(f"route53:{call.operation}", _resource(call, caller))]


def _resource(call: ServiceCall, caller: Caller) -> str:
    parameters = call.parameters
    if call.operation == "GetChange":
        return _arn(_CHANGE, text(parameters.get("Id")), caller)
    if call.operation in _TAGS:
        return _arn(text(parameters.get("ResourceType")), text(parameters.get("ResourceId")), caller)
    for name, kind in _BY_PARAMETER.items():
        if found := text(parameters.get(name)):
            return _arn(kind, found, caller)
    return ANY_RESOURCE


def _arn(kind: str, found: str, caller: Caller) -> str:
    """Return the ARN of a thing by its id, which the API takes with and without its kind in front."""
    return f"arn:{caller.partition}:route53:::{kind}/{found.rpartition('/')[2]}"
