"""Elastic Load Balancing, version 2: what is described is asked for `*`, all else for an ARN."""

from localcloud.aws.authorisation.needs import (
    ANY_RESOURCE,
    Caller,
    Requirement,
    has_member,
    members,
    text,
)
from localcloud.aws.services import ServiceCall

_ARNS = ("RuleArn", "ListenerArn", "TargetGroupArn", "LoadBalancerArn", "ResourceArn")
_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}
_TAGS = {"AddTags", "RemoveTags"}
_PREFIX = "elasticloadbalancing"


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on each resource; making one with tags also needs AddTags on what is made."""
    parameters = call.parameters
    action = f"{_PREFIX}:{call.operation}"
    if call.operation.startswith("Describe"):
        return [Requirement(action, ANY_RESOURCE)]
    if call.operation in _TAGS:
        arns = members(parameters, "ResourceArns") or [ANY_RESOURCE]
        return [Requirement(action, arn) for arn in arns]
    made = _made(call, caller)
    named = (text(parameters.get(name)) for name in _ARNS)
    # A listener and a rule are made on what they belong to; their own ARNs aren't known before.
    arn = next((one for one in named if one), None) or made
    needs = [Requirement(action, arn)]
    if call.operation.startswith("Create") and has_member(parameters, "Tags"):
        needs.append(Requirement(f"{_PREFIX}:AddTags", made, {f"{_PREFIX}:CreateAction": [call.operation]}))
    return needs


def _made(call: ServiceCall, caller: Caller) -> str:
    """Return the ARN of what the call makes; the unique part is left open."""
    parameters = call.parameters
    name = text(parameters.get("Name"))
    match call.operation:
        case "CreateLoadBalancer":
            kind = _KINDS.get(text(parameters.get("Type")), "app")
            return caller.arn(_PREFIX, f"loadbalancer/{kind}/{name}/*")
        case "CreateTargetGroup":
            return caller.arn(_PREFIX, f"targetgroup/{name}/*")
        case "CreateListener":
            balancer = text(parameters.get("LoadBalancerArn"))
            return f"{balancer.replace(':loadbalancer/', ':listener/')}/*"
        case "CreateRule":
            listener = text(parameters.get("ListenerArn"))
            return f"{listener.replace(':listener/', ':listener-rule/')}/*"
    return ANY_RESOURCE
