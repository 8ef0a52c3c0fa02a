"""X-Ray: groups and sampling rules have ARNs, everything else is asked for `*`."""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text
from localcloud.aws.services import ServiceCall
from localcloud.aws.xray.models import xray_backends

_GROUP = {"CreateGroup", "DeleteGroup", "GetGroup", "UpdateGroup"}
_RULE = {"CreateSamplingRule", "DeleteSamplingRule", "UpdateSamplingRule"}
_TAGS = {"ListTagsForResource", "TagResource", "UntagResource"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action with the ARN of the group or rule; creating with tags also needs xray:TagResource."""
    resource = _resource(call, caller)
    needs = [Requirement(f"xray:{call.operation}", resource)]
    if call.operation.startswith("Create") and call.parameters.get("Tags"):
        needs.append(Requirement("xray:TagResource", resource))
    return needs


def _resource(call: ServiceCall, caller: Caller) -> str:
    parameters = call.parameters
    if call.operation in _GROUP:
        return text(parameters.get("GroupARN")) or _group_arn(text(parameters.get("GroupName")), caller)
    if call.operation in _RULE:
        rule = parameters.get("SamplingRule") or parameters.get("SamplingRuleUpdate") or parameters
        rule = rule if isinstance(rule, dict) else {}
        name = text(rule.get("RuleName"))
        return text(rule.get("RuleARN")) or caller.arn("xray", f"sampling-rule/{name}")
    if call.operation in _TAGS:
        return text(parameters.get("ResourceARN")) or ANY_RESOURCE
    return ANY_RESOURCE


def _group_arn(name: str, caller: Caller) -> str:
    """Return the ARN of a group by its name; the unique part of one that doesn't exist is left open."""
    try:
        groups = xray_backends[caller.account_id][caller.region].groups.all()
    except KeyError:
        groups = []
    arns = (group.arn for group in groups if group.name == name)
    return next(arns, caller.arn("xray", f"group/{name}/*"))
