"""Checks before anything slow or lasting: credentials, account, region, endpoint. Seconds, never minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.parsers import ResponseParserError

from scripts.aws import FAILURES, clients
from scripts.errors import OperatorError, explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.environment import Environment
    from scripts.terragrunt.render import Target


@dataclass(frozen=True)
class Caller:
    """Who calls AWS: account id, ARN, and the region that is called."""

    account_id: str
    arn: str
    region: str


def region_problem(target: Target, variables: Mapping[str, str]) -> OperatorError | None:
    """Return why the environment's region can't be the one meant, or None.

    Terraform takes the region from env.hcl whatever the variables say; where they name another one,
    one of both is not what the operator thinks.
    """
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        given = variables.get(name)
        if given and given != target.region:
            return OperatorError(
                f"wrong region: {name} is {given}, {target.source} says {target.region}",
                remedy=f"export {name}={target.region}, or unset it",
            )
    return None


def who(target: Target) -> Caller:
    """Return who calls.

    Raises one of ``aws.FAILURES``: no, unknown or expired credentials, no endpoint, no AWS there.
    """
    try:
        identity = clients(target.region).sts().get_caller_identity()
        return Caller(identity["Account"], identity["Arn"], target.region)
    except KeyError as error:
        raise ResponseParserError(f"GetCallerIdentity's answer has no {error}") from error


def account_problem(target: Target, caller: Caller) -> OperatorError | None:
    """Return why the caller's account is not the environment's, or None."""
    if caller.account_id == target.account_id:
        return None
    return OperatorError(
        f"wrong account: the credentials are of {caller.account_id}, "
        f"{target.source} says {target.account_id}",
        remedy="use that account's credentials, or correct env.hcl",
    )


def check(environment: Environment, target: Target) -> Caller:
    """Return who calls.

    Raises OperatorError for missing, unknown or expired credentials, another account than env.hcl's,
    another region than env.hcl's, and an endpoint that can't be reached.
    """
    problem = region_problem(target, environment.variables)
    if problem is not None:
        raise problem
    try:
        caller = who(target)
    except FAILURES as error:
        raise explain(error, local=environment.is_local) from error
    problem = account_problem(target, caller)
    if problem is not None:
        raise problem
    return caller
