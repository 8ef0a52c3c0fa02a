"""Which actions on which resources a call needs.

Source: "Actions, resources, and condition keys for AWS services", service authorization reference.
"""

from collections.abc import Callable, Mapping

from localcloud.aws.authorisation.needs import Caller, Requirement
from localcloud.aws.authorisation.resources import (
    acm,
    autoscaling,
    cloudwatch,
    ec2,
    ecr,
    ecs,
    elb,
    general,
    kms,
    logs,
    route53,
    s3,
    sns,
    ssm,
    sts,
    xray,
)
from localcloud.aws.services import ServiceCall

_PREFIXES = {"email": "ses", "tagging": "tag"}
"""Services whose actions have another prefix than their signatures."""

_BY_SERVICE: Mapping[str, Callable[[ServiceCall, Caller], list[Requirement]]] = {
    "acm": acm.requirements,
    "application-autoscaling": autoscaling.requirements,
    "ec2": ec2.requirements,
    "ecr": ecr.requirements,
    "ecs": ecs.requirements,
    "elasticloadbalancing": elb.requirements,
    "kms": kms.requirements,
    "logs": logs.requirements,
    "monitoring": cloudwatch.requirements,
    "route53": route53.requirements,
    "s3": s3.requirements,
    "sns": sns.requirements,
    "ssm": ssm.requirements,
    "sts": sts.requirements,
    "xray": xray.requirements,
}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return everything that the caller must be allowed for this call; never empty.

    Operations and actions have the same names but for S3's. A service without rules of its own is asked for
    the resource that its parameters plainly name, else for `*`, which only a policy for `*` allows.
    """
    find = _BY_SERVICE.get(call.service)
    if find is not None:
        return find(call, caller)
    prefix = _PREFIXES.get(call.service, call.service)
    return [Requirement(f"{prefix}:{call.operation}", general.resource(call, caller))]
