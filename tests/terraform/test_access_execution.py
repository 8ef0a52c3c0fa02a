"""The execution role with authorisation switched on: what ECS calls to start a task, and nothing else.

ECS itself does not pull at the local cloud: the calls are those of its documents, made with the role.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from scripts.iam.recording import actions_of
from tests.terraform.commands import Tree
from tests.terraform.deployment_calls import NAME
from tests.terraform.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PATH = "/cruddur/local/backend-flask"
KEY = f"{PATH}/honeycomb/api-key"
ROLE = f"arn:aws:iam::123456789012:role/{NAME}-execution"
TASK_STREAM, OTHER_STREAM = "ecs/backend/0f3c", "host/7"
DENIED = {"AccessDenied", "AccessDeniedException"}


@dataclass(frozen=True)
class Session:
    """A session of the role; ``kms_key`` is the ARN of the key that encrypts Honeycomb's, or empty."""

    aws: LocalAws
    keys: Mapping[str, str]
    kms_key: str

    def client(self, service: str) -> Any:
        """Return a client that signs as the role."""
        return self.aws.client(service, **self.keys)

    def actions(self) -> set[str]:
        """Return the actions that were asked for."""
        return actions_of(self.aws.state.calls.as_documents(), self.keys["aws_access_key_id"])


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A local AWS for this module."""
    with LocalAws() as running:
        yield running


@pytest.fixture(scope="module")
def by_mode(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Session]:
    """Apply unit access in a mode, with a KMS key of ours or none, and return a session of the role."""

    def apply(mode: str, own_key: bool) -> Session:
        aws.reset()
        kms_key = aws.client("kms").create_key()["KeyMetadata"]["Arn"] if own_key else ""
        tree = Tree.copy(tmp_path_factory.mktemp("tree")).with_variables(AWS_ENDPOINT_URL=aws.endpoint)
        file = "terraform/backend-app/config/local/env.hcl"
        settings = f'tracing_mode          = "{mode}"\n'
        if kms_key:
            settings += f'  honeycomb_kms_key_id = "{kms_key}"\n'
        tree.edit(file, 'tracing_mode          = "direct"\n', settings)
        done = tree.terragrunt("local/access", "run", "--backend-bootstrap", "--", "apply", "-auto-approve")
        assert done.code == 0, done.text
        given = aws.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="ecs")["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return Session(aws, keys, kms_key)

    return apply


def is_denied(call: Callable[..., Any], **parameters: Any) -> bool:
    """Tell whether the call is denied; another failure is what the local cloud hasn't got."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] in DENIED
    return False


def test_ecs_starts_a_task_with_it_and_nobody_does_more(
    aws: LocalAws, by_mode: Callable[[str, bool], Session]
) -> None:
    """With a collector: pull from this repository, write its own streams, read the one secret by its key.

    Each action of the role is one of these calls, and decryption what reading the secret needs.
    """
    session = by_mode("collector", True)
    ssm, logs, other_key = aws.client("ssm"), aws.client("logs"), aws.client("kms").create_key()
    ssm.put_parameter(Name=KEY, Value="v" * 22, Type="SecureString", KeyId=session.kms_key)
    ssm.put_parameter(Name=f"{PATH}/rollbar/access-token", Value="r" * 22, Type="SecureString")
    logs.create_log_group(logGroupName=PATH)
    logs.create_log_stream(logGroupName=PATH, logStreamName=OTHER_STREAM)
    for name in (NAME, "another"):
        aws.client("ecr").create_repository(repositoryName=name)
    ecr, streams, parameters = session.client("ecr"), session.client("logs"), session.client("ssm")
    digest = "sha256:" + "0" * 64
    aws.state.authorise = True
    try:
        assert not is_denied(ecr.get_authorization_token)
        for name, refused in ((NAME, False), ("another", True)):
            place = {"repositoryName": name}
            layer = {**place, "layerDigest": digest}
            assert is_denied(ecr.batch_get_image, **place, imageIds=[{"imageTag": "t"}]) is refused
            assert is_denied(ecr.get_download_url_for_layer, **layer) is refused
            assert is_denied(ecr.batch_check_layer_availability, **place, layerDigests=[digest]) is refused
        of_task = {"logGroupName": PATH, "logStreamName": TASK_STREAM}
        assert not is_denied(streams.create_log_stream, **of_task)
        lines = {"logEvents": [{"timestamp": 1, "message": "m"}]}
        assert not is_denied(streams.put_log_events, **of_task, **lines)
        assert is_denied(streams.put_log_events, **of_task | {"logStreamName": OTHER_STREAM}, **lines)
        assert not is_denied(parameters.get_parameters, Names=[KEY], WithDecryption=True)
        used = session.actions() | {"kms:Decrypt"}
        assert is_denied(streams.create_log_group, logGroupName="another")
        assert is_denied(
            ecr.put_image, repositoryName=NAME, imageManifest='{"schemaVersion": 2}', imageTag="t"
        )
        ssm.put_parameter(
            Name=KEY, Value="w" * 22, Type="SecureString", Overwrite=True, KeyId=_arn(other_key)
        )
        assert is_denied(parameters.get_parameters, Names=[KEY], WithDecryption=True)
        assert is_denied(parameters.get_parameters, Names=[f"{PATH}/rollbar/access-token"])
        assert is_denied(parameters.get_parameters_by_path, Path=PATH, Recursive=True)
    finally:
        aws.state.authorise = False
    actions = _actions(aws)
    allowed = {statement["Action"] for statement in actions.values() if isinstance(statement["Action"], str)}
    allowed |= {
        one for found in actions.values() if isinstance(found["Action"], list) for one in found["Action"]
    }
    assert used == allowed
    assert actions["DecryptSecrets"]["Condition"]["StringEquals"] == {
        "kms:ViaService": "ssm.us-east-1.amazonaws.com",
        "kms:EncryptionContext:PARAMETER_ARN": f"arn:aws:ssm:us-east-1:123456789012:parameter{KEY}",
    }


def test_where_nothing_is_injected_it_reads_no_secret(
    aws: LocalAws, by_mode: Callable[[str, bool], Session]
) -> None:
    """The backend reads its parameters itself then, with its own role."""
    session = by_mode("direct", False)
    assert set(_actions(aws)) == {"LogIn", "Pull", "WriteLogs"}
    aws.client("ssm").put_parameter(Name=KEY, Value="v" * 22, Type="SecureString")
    parameters = session.client("ssm")
    aws.state.authorise = True
    try:
        assert is_denied(parameters.get_parameters, Names=[KEY], WithDecryption=True)
    finally:
        aws.state.authorise = False


def _arn(made: Any) -> str:
    return str(made["KeyMetadata"]["Arn"])


def _actions(aws: LocalAws) -> dict[str, dict[str, Any]]:
    """Return the statements of the role's one policy by their sids."""
    iam = aws.client("iam")
    assert iam.list_role_policies(RoleName=f"{NAME}-execution")["PolicyNames"] == ["start"]
    document = iam.get_role_policy(RoleName=f"{NAME}-execution", PolicyName="start")["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}
