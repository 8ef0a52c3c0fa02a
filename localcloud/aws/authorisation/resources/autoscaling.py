"""Application Auto Scaling: scalable targets; what is described is asked for `*`."""

from moto.applicationautoscaling.models import applicationautoscaling_backends

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, has_member, text
from localcloud.aws.services import ServiceCall

_PREFIX = "application-autoscaling"
_BY_ARN = {"ListTagsForResource", "TagResource", "UntagResource"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on the target; registering one with tags also needs TagResource."""
    arn = _arn(call, caller)
    needs = [Requirement(f"{_PREFIX}:{call.operation}", arn)]
    if call.operation == "RegisterScalableTarget" and has_member(call.parameters, "Tags"):
        needs.append(Requirement(f"{_PREFIX}:TagResource", arn))
    return needs


def _arn(call: ServiceCall, caller: Caller) -> str:
    """Return the target's ARN; the unique part of one that isn't registered is left open."""
    if call.operation.startswith("Describe"):
        return ANY_RESOURCE
    if call.operation in _BY_ARN:
        return text(call.parameters.get("ResourceARN")) or ANY_RESOURCE
    targets = applicationautoscaling_backends[caller.account_id][caller.region].targets
    by_id = targets.get(text(call.parameters.get("ScalableDimension")), {})
    target = by_id.get(text(call.parameters.get("ResourceId")))
    return str(target.arn) if target is not None else caller.arn(_PREFIX, "scalable-target/*")
