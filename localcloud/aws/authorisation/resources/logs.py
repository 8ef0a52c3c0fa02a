"""CloudWatch Logs: log groups and streams, in the form in which AWS's own messages name them."""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text
from localcloud.aws.services import ServiceCall

_OF_GROUPS = {
    "CreateLogGroup",
    "DeleteLogGroup",
    "DeleteMetricFilter",
    "DeleteRetentionPolicy",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "DescribeMetricFilters",
    "FilterLogEvents",
    "ListTagsLogGroup",
    "PutMetricFilter",
    "PutRetentionPolicy",
    "StartQuery",
    "TagLogGroup",
    "UntagLogGroup",
}
_OF_STREAMS = {"CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action with the ARN of the group or stream."""
    return [Requirement(f"logs:{call.operation}", _resource(call, caller))]


def _resource(call: ServiceCall, caller: Caller) -> str:
    parameters = call.parameters
    named = text(parameters.get("logGroupIdentifier"))
    group = text(parameters.get("logGroupName")) or named.rpartition("log-group:")[2]
    if call.operation in _OF_GROUPS:
        return caller.arn("logs", f"log-group:{group}:log-stream:")
    if call.operation in _OF_STREAMS:
        return caller.arn("logs", f"log-group:{group}:log-stream:{text(parameters.get('logStreamName'))}")
    return text(parameters.get("resourceArn")) or ANY_RESOURCE
