"""STS: a role is assumed by its ARN."""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text
from localcloud.aws.services import ServiceCall

_CONTEXT = {"sts:ExternalId": "ExternalId", "sts:RoleSessionName": "RoleSessionName"}


def requirements(call: ServiceCall, _: Caller) -> list[Requirement]:
    """Return the action with the role's ARN."""
    values = {key: text(call.parameters.get(name)) for key, name in _CONTEXT.items()}
    return [
        Requirement(
            f"sts:{call.operation}",
            text(call.parameters.get("RoleArn")) or ANY_RESOURCE,
            {key: [value] if value else [] for key, value in values.items()},
        )
    ]
