"""Encryption and resource policies over boto3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.aws.xray.models import XRayBackend

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint


def _policy(effect: str = "Allow", action: str = "xray:PutTraceSegments") -> str:
    statement = {"Effect": effect, "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_encryption_is_updating_before_it_is_active() -> None:
    """A change is UPDATING first, and ACTIVE a moment later."""
    now = [100.0]
    backend = XRayBackend("us-east-1", "123456789012", clock=lambda: now[0])
    assert backend.encryption.to_api() == {"Type": "NONE", "Status": "ACTIVE"}
    backend.encryption.put("KMS", "alias/aws/xray")
    assert backend.encryption.to_api()["Status"] == "UPDATING"
    now[0] += 1
    assert backend.encryption.to_api()["Status"] == "ACTIVE"


def test_encryption_key_is_returned_as_arn(xray: XRayClient, endpoint: Endpoint, region: str) -> None:
    """A key given by id or alias comes back as its ARN; NONE takes it away."""
    kms = endpoint.client("kms", region_name=region)
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key["KeyId"])
    for name in (key["KeyId"], key["Arn"], "alias/mine", f"arn:aws:kms:{region}:123456789012:alias/mine"):
        assert xray.put_encryption_config(Type="KMS", KeyId=name)["EncryptionConfig"]["KeyId"] == key["Arn"]
    assert "KeyId" not in xray.put_encryption_config(Type="NONE")["EncryptionConfig"]
    kms.close()


@pytest.mark.parametrize(
    "parameters", [{"Type": "KMS"}, {"Type": "NONE", "KeyId": "x"}, {"Type": "KMS", "KeyId": "never-made"}]
)
def test_encryption_needs_a_key_that_exists(xray: XRayClient, parameters: Any) -> None:
    """KMS without a key, with one that doesn't exist, or NONE with one is refused."""
    with pytest.raises(xray.exceptions.InvalidRequestException):
        xray.put_encryption_config(**parameters)


def test_policy_lives(xray: XRayClient) -> None:
    """A policy is made, replaced by its revision, listed and deleted."""
    first = xray.put_resource_policy(PolicyName="p", PolicyDocument=_policy(), PolicyRevisionId="0")
    revision = first["ResourcePolicy"]["PolicyRevisionId"]
    with pytest.raises(xray.exceptions.InvalidPolicyRevisionIdException):
        xray.put_resource_policy(PolicyName="p", PolicyDocument=_policy(), PolicyRevisionId="0")
    second = xray.put_resource_policy(PolicyName="p", PolicyDocument=_policy(), PolicyRevisionId=revision)
    assert xray.list_resource_policies()["ResourcePolicies"] == [second["ResourcePolicy"]]
    with pytest.raises(xray.exceptions.InvalidPolicyRevisionIdException):
        xray.delete_resource_policy(PolicyName="p", PolicyRevisionId=revision)
    xray.delete_resource_policy(PolicyName="p")
    assert xray.list_resource_policies()["ResourcePolicies"] == []


def test_revisions_never_go_back(xray: XRayClient) -> None:
    """A policy that is made again has a new revision, so that what an older one names is refused."""
    first = xray.put_resource_policy(PolicyName="p", PolicyDocument=_policy())["ResourcePolicy"]
    xray.delete_resource_policy(PolicyName="p")
    again = xray.put_resource_policy(PolicyName="p", PolicyDocument=_policy())["ResourcePolicy"]
    assert int(again["PolicyRevisionId"]) > int(first["PolicyRevisionId"]) > 0
    with pytest.raises(xray.exceptions.InvalidPolicyRevisionIdException):
        xray.delete_resource_policy(PolicyName="p", PolicyRevisionId=first["PolicyRevisionId"])


def test_policy_errors(xray: XRayClient) -> None:
    """Each way in which a policy can be wrong has its own error."""
    errors = xray.exceptions
    for malformed in ("{", "[]", "{}", '{"Statement": [1]}', '{"Statement": [{"Effect": "Allow"}]}'):
        with pytest.raises(errors.MalformedPolicyDocumentException):
            xray.put_resource_policy(PolicyName="p", PolicyDocument=malformed)
    with pytest.raises(errors.PolicySizeLimitExceededException):
        xray.put_resource_policy(PolicyName="p", PolicyDocument=_policy() + " " * 5120)
    for action in ("xray:*", "*", "xray:Put*", "XRay:putresourcepolicy"):
        lockout = _policy("Deny", action)
        with pytest.raises(errors.LockoutPreventionException):
            xray.put_resource_policy(PolicyName="p", PolicyDocument=lockout)
    xray.put_resource_policy(PolicyName="p", PolicyDocument=_policy("Deny", "xray:PutTraceSegments"))
    xray.put_resource_policy(PolicyName="p", PolicyDocument=lockout, BypassPolicyLockoutCheck=True)
    for number in range(4):
        xray.put_resource_policy(PolicyName=f"p{number}", PolicyDocument=_policy())
    with pytest.raises(errors.PolicyCountLimitExceededException):
        xray.put_resource_policy(PolicyName="one-more", PolicyDocument=_policy())
