"""The policy that docs/own-account.md names for the backend: enough, and every part of it needed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.end_to_end.backend import KEY_PARAMETER, PARAMETERS, Stage, refused_start, tracing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import boto3
    from mypy_boto3_iam import IAMClient

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class User:
    """An IAM user with nothing but what a test allows."""

    name: str
    variables: Mapping[str, str]
    iam: IAMClient

    def allow(self, statements: Mapping[str, str]) -> None:
        """Let the user do these actions, each on its resource, and nothing else."""
        document = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": action, "Resource": resource}
                for action, resource in statements.items()
            ],
        }
        self.iam.put_user_policy(
            UserName=self.name, PolicyName="backend", PolicyDocument=json.dumps(document)
        )


@contextmanager
def authorising(endpoint: str) -> Iterator[None]:
    """Switch the local cloud's authorisation on, and back to what it was."""
    url = f"{endpoint}/_localcloud/authorisation"
    before = requests.get(url, timeout=10).json()
    requests.put(url, json={"enabled": True}, timeout=10).raise_for_status()
    try:
        yield
    finally:
        requests.put(url, json=before, timeout=10).raise_for_status()


@pytest.fixture
def client(stage: Stage, session: Callable[..., boto3.Session]) -> Callable[[str], Any]:
    """Make clients of the local cloud."""
    return lambda service: session().client(
        service,  # type: ignore[call-overload]
        endpoint_url=stage.addresses["AWS_ENDPOINT_URL"],
    )


@pytest.fixture
def user(stage: Stage, client: Callable[[str], Any]) -> Iterator[User]:
    """A user for one test, while authorisation is on."""
    iam: IAMClient = client("iam")
    iam.create_user(UserName=stage.name)
    pair = iam.create_access_key(UserName=stage.name)["AccessKey"]
    variables = {"AWS_ACCESS_KEY_ID": pair["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": pair["SecretAccessKey"]}
    try:
        with authorising(stage.addresses["AWS_ENDPOINT_URL"]):
            yield User(stage.name, variables, iam)
    finally:
        for name in iam.list_user_policies(UserName=stage.name)["PolicyNames"]:
            iam.delete_user_policy(UserName=stage.name, PolicyName=name)
        iam.delete_access_key(UserName=stage.name, AccessKeyId=pair["AccessKeyId"])
        iam.delete_user(UserName=stage.name)


@pytest.fixture
def policy(stage: Stage) -> dict[str, str]:
    """What docs/own-account.md says that the backend's role needs, for a key under AWS's own KMS key."""
    return {
        "ssm:GetParametersByPath": f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter{stage.path}",
        "xray:GetGroup": stage.xray.get_group(GroupName=stage.name)["Group"]["GroupARN"],
        "xray:GetSamplingRules": "*",
    }


@pytest.fixture
def policy_with_kms(
    stage: Stage, client: Callable[[str], Any], policy: dict[str, str]
) -> Iterator[dict[str, str]]:
    """The same for a key under a KMS key of its own."""
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]
    stage.remove(KEY_PARAMETER)
    stage.put(KEY_PARAMETER, stage.key, KeyId=key["Arn"])
    yield {**policy, "kms:Decrypt": key["Arn"]}
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)


@pytest.mark.parametrize("which", ["policy", "policy_with_kms"])
def test_the_policy_is_enough(
    stage: Stage, user: User, which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """With exactly these actions on these resources everything is loaded."""
    user.allow(request.getfixturevalue(which))
    with stage.serving(tmp_path, TRACING_REQUIRED="true", **user.variables) as backend:
        document = tracing_of(backend)
        assert sorted(document["parameters"]) == list(PARAMETERS)
        assert document["group"]["name"] == stage.name
        assert {stage.name, stage.health_rule} < {rule["name"] for rule in document["rules"]}
        assert document["problems"] == []


@pytest.mark.parametrize(
    "action", ["ssm:GetParametersByPath", "xray:GetGroup", "xray:GetSamplingRules", "kms:Decrypt"]
)
def test_each_action_is_needed(
    stage: Stage, user: User, policy_with_kms: dict[str, str], action: str, tmp_path: Path
) -> None:
    """Where one is not allowed, the line names that one, the remedy and none of the others."""
    user.allow({name: resource for name, resource in policy_with_kms.items() if name != action})
    line = refused_start(tmp_path, stage.environment(**user.variables))
    assert f"access is denied: allow {action} on " in line
    assert line.count("access is denied") == 1
    assert not [other for other in policy_with_kms if other != action and f"allow {other}" in line]
    assert stage.key not in line


def test_keys_that_aws_does_not_know(stage: Stage, user: User, tmp_path: Path) -> None:
    """Credentials of nobody are told as such."""
    unknown = {"AWS_ACCESS_KEY_ID": "AKIA" + 16 * "Q", "AWS_SECRET_ACCESS_KEY": "s" * 40}
    line = refused_start(tmp_path, stage.environment(**unknown))
    assert "AWS does not accept the credentials" in line
    assert "AWS_*" in line
    assert unknown["AWS_SECRET_ACCESS_KEY"] not in line
