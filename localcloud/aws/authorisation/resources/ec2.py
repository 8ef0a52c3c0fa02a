"""EC2: what is made, and whatever else the parameters name by its id.

Source: "Actions, resources, and condition keys for Amazon EC2".
"""

from collections.abc import Iterator, Mapping

from moto.ec2.models import ec2_backends

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, has_member, members, text
from localcloud.aws.authorisation.resources.iam_roles import passed
from localcloud.aws.authorisation.resources.tags import numbered, tagged
from localcloud.aws.services import ServiceCall

_MADE = {
    "AllocateAddress": "elastic-ip",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}
_RULES = {"AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"}
_TAGGING = {"ec2:CreateTags", "ec2:DeleteTags"}
_IDS = {
    "AllocationId": "elastic-ip",
    "FlowLogId": "vpc-flow-log",
    "GroupId": "security-group",
    "InternetGatewayId": "internet-gateway",
    "NatGatewayId": "natgateway",
    "RouteTableId": "route-table",
    "SecurityGroupId": "security-group",
    "SubnetId": "subnet",
    "VpcEndpointId": "vpc-endpoint",
    "VpcId": "vpc",
}
_NOT_ITS_RESOURCES = {"CreateRoute", "ReplaceRoute"}
"""Of these the ids of a route's target are no resources, only the table is."""
_KINDS = {
    "eipalloc": "elastic-ip",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
"""Kinds of resources by the beginning of their ids."""
_FLOW_LOGS = "vpc-flow-logs.amazonaws.com"


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on each resource, with its tags; making one with tags also needs ec2:CreateTags.

    The tags that the call gives are those of what it makes or tags, not of what it is made in.
    """
    given = numbered(call.parameters, "TagSpecification.") | numbered(call.parameters, "Tag.")
    return [
        tagged(need, given if _is_tagged(need) else {}, _own_tags(need, caller))
        for need in _untagged(call, caller)
    ]


def _is_tagged(need: Requirement) -> bool:
    return need.action in _TAGGING or need.resource.endswith("/*")


def _own_tags(need: Requirement, caller: Caller) -> dict[str, str]:
    """Return the tags of the resource; of one that isn't there yet, none."""
    try:
        backend = ec2_backends[caller.account_id][caller.region]
    except KeyError:
        return {}
    tags = dict(backend.tags.get(need.resource.rpartition("/")[2], {}))
    return {str(key): str(value or "") for key, value in tags.items()}


def _untagged(call: ServiceCall, caller: Caller) -> list[Requirement]:
    parameters, action = call.parameters, f"ec2:{call.operation}"
    if call.operation.startswith("Describe"):
        return [Requirement(action, ANY_RESOURCE)]
    if call.operation in {"CreateTags", "DeleteTags"}:
        return [Requirement(action, _arn_of(name, caller)) for name in members(parameters, "ResourceId")]
    kind = _MADE.get(call.operation) or ("security-group-rule" if call.operation in _RULES else None)
    made = caller.arn("ec2", f"{kind}/*")
    arns = [*([made] if call.operation in _MADE else []), *_named(call.operation, parameters, caller)]
    needs = [Requirement(action, arn) for arn in dict.fromkeys(arns)] or [Requirement(action, ANY_RESOURCE)]
    if kind and has_member(parameters, "TagSpecification"):
        if call.operation in _RULES:  # the rule, which isn't there yet, beside the group
            needs.append(Requirement(action, made))
        needs.append(Requirement("ec2:CreateTags", made, {"ec2:CreateAction": [call.operation]}))
    if role := text(parameters.get("DeliverLogsPermissionArn")):
        needs.append(passed(role, _FLOW_LOGS, caller))
    return needs


def _named(operation: str, parameters: Mapping[str, object], caller: Caller) -> Iterator[str]:
    for name, kind in _IDS.items():
        if operation in _NOT_ITS_RESOURCES and kind != "route-table":
            continue
        one = text(parameters.get(name))
        for found in [one] if one else members(parameters, name):
            yield caller.arn("ec2", f"{kind}/{found}")
    for found in members(parameters, "ResourceId"):
        yield _arn_of(found, caller)


def _arn_of(resource_id: str, caller: Caller) -> str:
    kind = _KINDS.get(resource_id.partition("-")[0])
    return caller.arn("ec2", f"{kind}/{resource_id}") if kind else ANY_RESOURCE
