"""Roles as unit access makes them, for verify to look at: their policies, their state, what is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from scripts.iam import backend_calls
from scripts.verify import access
from scripts.verify.check import Status
from scripts.verify.engine import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client

    from scripts.aws import Clients
    from scripts.iam.evaluation import Call
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result

NAME = "cruddur-local-backend-flask"
PATH = "/cruddur/local/backend-flask"
ACCOUNT = "123456789012"
PARAMETERS = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter{PATH}"
KEY = f"{PARAMETERS}/honeycomb/api-key"
STATE_KEY = "backend-flask/access/terraform.tfstate"
TASK, PLAN, VERIFY = (f"iam.{NAME}-{role}" for role in ("task", "plan", "verify"))
CALLS = backend_calls.at(backend_calls.Place("aws", "us-east-1", ACCOUNT, PATH, NAME, PATH, None))
NEVER_THE_KEY: list[dict[str, Any]] = [
    {"Effect": "Deny", "Action": ["ssm:GetParameter", "ssm:GetParameterHistory"], "Resource": KEY},
    {"Effect": "Deny", "Action": ["ssm:GetParameters"], "Resource": [KEY]},
    {"Effect": "Deny", "Action": "ssm:GetParametersByPath", "Resource": "*"},
]
READING = {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": f"{PARAMETERS}/honeycomb/endpoint"}


def document(*statements: dict[str, Any]) -> str:
    """Return a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Return statements that allow exactly *calls*."""
    return [{"Effect": "Allow", "Action": call.action, "Resource": call.resource} for call in calls]


def trust(service: str) -> str:
    """Return a trust policy."""
    principal = {"Service": [service]}
    return document({"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": principal})


def state(roles: Mapping[str, str]) -> bytes:
    """Return a state with *roles*, the policy of each by its ending, in Terraform's form.

    A list of one is written as its only member, as it may be at IAM or in a state.
    """
    instances = [
        {
            "index_key": role,
            "attributes": {
                "name": f"{NAME}-{role}",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{role}",
                "assume_role_policy": trust(f"{role}.amazonaws.com").replace(
                    '["sts:AssumeRole"]', '"sts:AssumeRole"'
                ),
            },
        }
        for role in roles
    ]
    policies = [
        {"index_key": role, "attributes": {"name": "own", "role": f"{NAME}-{role}", "policy": policy}}
        for role, policy in roles.items()
    ]
    resources = [
        {"mode": "data", "type": "aws_partition", "name": "current", "instances": [{}]},
        *_managed("aws_iam_role_policy", policies),
        *_managed("aws_iam_role", instances),
    ]
    return json.dumps({"version": 4, "resources": resources}).encode()


def _managed(kind: str, instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the resource ``task``, which has no key, and ``github`` with the others."""
    task = {name: value for name, value in instances[0].items() if name != "index_key"}
    resource = {"mode": "managed", "type": kind}
    return [
        {**resource, "name": "task", "instances": [task]},
        {**resource, "name": "github", "instances": instances[1:]},
    ]


def remove(client: IAMClient, name: str) -> None:
    """Remove a role with all its policies."""
    for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    client.delete_role(RoleName=name)


def s3_client() -> S3Client:
    """Return a client of the local cloud, by the variables of the environment."""
    client: S3Client = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
    return client


def found(units: dict[str, Unit], clients: Clients) -> dict[str, Result]:
    """Return what verify finds, as it runs the part."""
    [(expected, work)] = access.parts("local", units, clients)
    return {result.id: result for result in guarded(expected, work, local=True)}


def only_failure(results: dict[str, Result]) -> Result:
    """Return the one check that did not pass."""
    [failure] = [result for result in results.values() if result.status is not Status.PASS]
    assert failure.status is Status.FAIL
    assert "make apply ENV=local UNIT=access" in failure.remedy
    return failure
