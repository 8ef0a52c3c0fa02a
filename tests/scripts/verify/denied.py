"""A user of the local cloud who may do everything but one action."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_iam import IAMClient


@contextmanager
def user_without(action: str, variables: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the credentials of such a user, while the local cloud at *variables*' endpoint authorises."""
    endpoint = variables["AWS_ENDPOINT_URL"]
    session = boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=variables["AWS_REGION"]
    )
    iam: IAMClient = session.client("iam", endpoint_url=endpoint)
    name = f"user-{secrets.token_hex(4)}"
    iam.create_user(UserName=name)
    pair = iam.create_access_key(UserName=name)["AccessKey"]
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": action, "Resource": "*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="verify", PolicyDocument=document)
    switch = f"{endpoint}/_localcloud/authorisation"
    requests.put(switch, json={"enabled": True}, timeout=10).raise_for_status()
    try:
        yield {
            "AWS_ACCESS_KEY_ID": pair["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": pair["SecretAccessKey"],
        }
    finally:
        requests.put(switch, json={"enabled": False}, timeout=10).raise_for_status()
        iam.delete_user_policy(UserName=name, PolicyName="verify")
        iam.delete_access_key(UserName=name, AccessKeyId=pair["AccessKeyId"])
        iam.delete_user(UserName=name)
