"""ECR: repositories; the registry's own operations are asked for `*`."""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text, texts
from localcloud.aws.services import ServiceCall

_OF_THE_REGISTRY = {
    "DeleteRegistryPolicy",
    "DescribeRegistry",
    "GetAuthorizationToken",
    "GetRegistryPolicy",
    "GetRegistryScanningConfiguration",
    "PutRegistryPolicy",
    "PutRegistryScanningConfiguration",
    "PutReplicationConfiguration",
}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on each repository; making one with tags also needs ecr:TagResource."""
    needs = [Requirement(f"ecr:{call.operation}", arn) for arn in _arns(call, caller)]
    if call.operation == "CreateRepository" and call.parameters.get("tags"):
        needs += [Requirement("ecr:TagResource", need.resource) for need in needs]
    return needs


def _arns(call: ServiceCall, caller: Caller) -> list[str]:
    if call.operation in _OF_THE_REGISTRY:
        return [ANY_RESOURCE]
    named = text(call.parameters.get("resourceArn"))
    if named:
        return [named]
    one = text(call.parameters.get("repositoryName"))
    names = texts(call.parameters.get("repositoryNames")) or [one or "*"]
    return [caller.arn("ecr", f"repository/{name}") for name in names]
