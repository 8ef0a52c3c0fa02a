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
    from collections.abc import Sequence

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
DENIED_KEY = {"Effect": "Deny", "Action": "ssm:GetParameter*", "Resource": [PARAMETERS, KEY]}
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


def state(roles: list[str]) -> bytes:
    """Return a state with *roles*, in Terraform's form, a list of one written as such."""
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
    task, others = [{**instances[0]}], instances[1:]
    del task[0]["index_key"]
    role = {"mode": "managed", "type": "aws_iam_role"}
    resources = [
        {"mode": "managed", "type": "aws_iam_role_policy", "name": "task", "instances": [{}]},
        {**role, "name": "task", "instances": task},
        {**role, "name": "github", "instances": others},
    ]
    return json.dumps({"version": 4, "resources": resources}).encode()


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
