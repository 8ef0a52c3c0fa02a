"""ECS: clusters, services and tasks have ARNs; task definitions are asked for `*`.

Source: "Actions, resources, and condition keys for Amazon Elastic Container Service", and "Grant permission
to tag resources on creation", ECS developer guide. Where an ARN isn't sure to do, `*` is asked for.
"""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text, texts
from localcloud.aws.authorisation.resources.iam_roles import passed
from localcloud.aws.services import ServiceCall

_OF_CLUSTERS = {
    "CreateCluster",
    "DeleteCluster",
    "DescribeClusters",
    "PutClusterCapacityProviders",
    "UpdateCluster",
    "UpdateClusterSettings",
}
_OF_SERVICES = {"CreateService", "DeleteService", "DescribeServices", "UpdateService"}
_OF_TASKS = {"DescribeTasks", "StopTask"}
_BY_ARN = {"ListTagsForResource", "TagResource", "UntagResource"}
_TAGGED = {"CreateCluster", "CreateService", "RegisterTaskDefinition", "RunTask"}
_DEFAULT = "default"
_PASSED_TO = "ecs-tasks.amazonaws.com"


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on each resource, tagging what is made with tags, and passing the roles of tasks."""
    parameters = call.parameters
    cluster = text(parameters.get("cluster")) or _DEFAULT
    context = {} if call.operation in _OF_CLUSTERS else {"ecs:cluster": [_arn("cluster", cluster, caller)]}
    needs = [Requirement(f"ecs:{call.operation}", arn, context) for arn in _arns(call, caller)]
    if call.operation in _TAGGED and parameters.get("tags"):
        made = {"ecs:CreateAction": [call.operation]}
        needs += [Requirement("ecs:TagResource", need.resource, made) for need in needs]
    if call.operation == "RegisterTaskDefinition":
        roles = (text(parameters.get(name)) for name in ("taskRoleArn", "executionRoleArn"))
        needs += [passed(role, _PASSED_TO, caller) for role in dict.fromkeys(roles) if role]
    return needs


def _arns(call: ServiceCall, caller: Caller) -> list[str]:
    parameters = call.parameters
    cluster = text(parameters.get("cluster"))
    short = (cluster or _DEFAULT).rpartition("/")[2]
    if call.operation in _OF_CLUSTERS:
        names = texts(parameters.get("clusters")) or [
            cluster or text(parameters.get("clusterName")) or _DEFAULT
        ]
        return [_arn("cluster", name, caller) for name in names]
    if call.operation in _OF_SERVICES:
        service = text(parameters.get("service")) or text(parameters.get("serviceName"))
        names = texts(parameters.get("services")) or [service]
        return [_arn("service", name, caller, short) for name in names]
    if call.operation in _OF_TASKS:
        names = texts(parameters.get("tasks")) or [text(parameters.get("task"))]
        return [_arn("task", name, caller, short) for name in names]
    if call.operation in _BY_ARN:
        return [text(parameters.get("resourceArn")) or ANY_RESOURCE]
    return [ANY_RESOURCE]


def _arn(kind: str, name: str, caller: Caller, cluster: str = "") -> str:
    if name.startswith("arn:"):
        return name
    return caller.arn("ecs", f"{kind}/{cluster}/{name}" if cluster else f"{kind}/{name}")
