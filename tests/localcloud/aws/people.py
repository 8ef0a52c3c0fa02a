"""Users of IAM, their policies, and what they are refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint

ACCOUNT = "123456789012"
PARAMETERS = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter"


def policy(*statements: tuple[Any, Any], effect: str = "Allow", **more: Any) -> str:
    """Return a policy of statements, each an action and a resource."""
    found = [{"Effect": effect, "Action": action, "Resource": arn, **more} for action, arn in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": found})


@dataclass
class User:
    """A user and clients with its key."""

    name: str
    endpoint: Endpoint
    keys: dict[str, str]

    @property
    def arn(self) -> str:
        """The user's ARN."""
        return f"arn:aws:iam::{ACCOUNT}:user/{self.name}"

    def client(self, service: str) -> Any:
        """Return a client that signs as the user."""
        return self.endpoint.client(service, **self.keys)


def keys_of(made: Any) -> dict[str, str]:
    """Return a key or session as a client's options."""
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    return keys | ({"aws_session_token": made["SessionToken"]} if "SessionToken" in made else {})


def refusal_of(call: Any, **parameters: Any) -> tuple[str, str]:
    """Make a call that must fail and return the error's code and message."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error.get("Message", "")
