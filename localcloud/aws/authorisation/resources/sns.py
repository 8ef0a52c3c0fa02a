"""SNS: topics; what names a subscription alone is asked for `*`."""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, has_member, text
from localcloud.aws.services import ServiceCall

_ARNS = ("TopicArn", "ResourceArn")


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on the topic; making one with tags also needs sns:TagResource."""
    named = (text(call.parameters.get(name)) for name in _ARNS)
    arn = next((one for one in named if one), ANY_RESOURCE)
    if call.operation == "CreateTopic":
        arn = caller.arn("sns", text(call.parameters.get("Name")))
    needs = [Requirement(f"sns:{call.operation}", arn)]
    if call.operation == "CreateTopic" and has_member(call.parameters, "Tags"):
        needs.append(Requirement("sns:TagResource", arn))
    return needs
