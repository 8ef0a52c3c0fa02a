"""CloudWatch: alarms and dashboards; metrics are asked for `*`."""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, has_member, members, text
from localcloud.aws.services import ServiceCall

_OF_ALARMS = {
    "DeleteAlarms",
    "DescribeAlarmHistory",
    "DescribeAlarms",
    "DisableAlarmActions",
    "EnableAlarmActions",
    "PutCompositeAlarm",
    "PutMetricAlarm",
    "SetAlarmState",
}
_OF_DASHBOARDS = {"DeleteDashboards", "GetDashboard", "PutDashboard"}
_BY_ARN = {"ListTagsForResource", "TagResource", "UntagResource"}
_PUT = {"PutCompositeAlarm", "PutMetricAlarm"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on each resource; putting an alarm with tags also needs TagResource."""
    needs = [Requirement(f"cloudwatch:{call.operation}", arn) for arn in _arns(call, caller)]
    if call.operation in _PUT and has_member(call.parameters, "Tags"):
        needs += [Requirement("cloudwatch:TagResource", need.resource) for need in needs]
    return needs


def _arns(call: ServiceCall, caller: Caller) -> list[str]:
    parameters = call.parameters
    if call.operation in _OF_ALARMS:
        one = text(parameters.get("AlarmName"))
        names = [one] if one else members(parameters, "AlarmNames") or ["*"]
        return [caller.arn("cloudwatch", f"alarm:{name}") for name in names]
    if call.operation in _OF_DASHBOARDS:
        one = text(parameters.get("DashboardName"))
        names = [one] if one else members(parameters, "DashboardNames") or ["*"]
        return [caller.global_arn("cloudwatch", f"dashboard/{name}") for name in names]
    if call.operation in _BY_ARN:
        return [text(parameters.get("ResourceARN")) or ANY_RESOURCE]
    return [ANY_RESOURCE]
