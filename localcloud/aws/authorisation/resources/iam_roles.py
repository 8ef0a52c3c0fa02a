"""iam:PassRole, which a call needs beside its own action where it hands a role to a service."""

from localcloud.aws.authorisation.needs import Caller, Requirement


def passed(role: str, service: str, caller: Caller) -> Requirement:
    """Return what is needed to hand a role, by name or ARN, to a service such as `ecs-tasks.amazonaws.com`.

    Source: "Grant a user permissions to pass a role to an AWS service", IAM user guide.
    """
    arn = role if role.startswith("arn:") else caller.global_arn("iam", f"role/{role}")
    return Requirement("iam:PassRole", arn, {"iam:PassedToService": [service]})
