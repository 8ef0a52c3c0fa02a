"""Services without rules of their own: the resource that the parameters plainly name."""

from collections.abc import Callable

from moto.iam.models import iam_backends

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, text
from localcloud.aws.services import ServiceCall

_ARN_PARAMETERS = ("ResourceArn", "ResourceARN", "resourceArn", "StreamARN", "CertificateArn")


def resource(call: ServiceCall, caller: Caller) -> str:
    """Return the ARN of the resource that a call is about, else `*`."""
    find = _BY_SERVICE.get(call.service)
    if find is not None:
        return find(call, caller)
    arns = (text(call.parameters.get(name)) for name in _ARN_PARAMETERS)
    return next((arn for arn in arns if arn.startswith("arn:")), ANY_RESOURCE)


def _dynamodb(call: ServiceCall, caller: Caller) -> str:
    table = text(call.parameters.get("TableName"))
    if table.startswith("arn:"):
        return table
    return caller.arn("dynamodb", f"table/{table}") if table else ANY_RESOURCE


def _sqs(call: ServiceCall, caller: Caller) -> str:
    name = text(call.parameters.get("QueueName"))
    name = name or text(call.parameters.get("QueueUrl")).rpartition("/")[2]
    return caller.arn("sqs", name) if name else ANY_RESOURCE


def _iam(call: ServiceCall, caller: Caller) -> str:
    """Return the ARN of the role, user, group or policy; of an existing one with its path."""
    backend = iam_backends[caller.account_id][caller.partition]
    for parameter, kind, known in (
        ("RoleName", "role", backend.roles),
        ("UserName", "user", backend.users),
        ("GroupName", "group", backend.groups),
    ):
        name = text(call.parameters.get(parameter))
        if name:
            arns = (str(one.arn) for one in list(known.values()) if one.name == name)
            path = text(call.parameters.get("Path")) or "/"
            return next(arns, caller.global_arn("iam", f"{kind}{path}{name}"))
    return text(call.parameters.get("PolicyArn")) or ANY_RESOURCE


_BY_SERVICE: dict[str, Callable[[ServiceCall, Caller], str]] = {
    "dynamodb": _dynamodb,
    "iam": _iam,
    "sqs": _sqs,
}
