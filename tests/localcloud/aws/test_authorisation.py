"""Authorisation over boto3, with users and groups of moto's IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.people import ACCOUNT, PARAMETERS, policy, refusal_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from tests.localcloud.aws.conftest import Endpoint
    from tests.localcloud.aws.people import User


def test_nothing_is_allowed_without_a_policy(user: User) -> None:
    """A user without policies is refused with AWS's own words, but may ask who it is."""
    code, message = refusal_of(user.client("ssm").get_parameters_by_path, Path="/cruddur/dev")
    assert code == "AccessDeniedException"
    assert message == (
        f"User: {user.arn} is not authorized to perform: ssm:GetParametersByPath"
        f" on resource: {PARAMETERS}/cruddur/dev"
        " because no identity-based policy allows the ssm:GetParametersByPath action"
    )
    assert user.client("sts").get_caller_identity()["Arn"] == user.arn


def test_path_policy(user: User, iam: IAMClient) -> None:
    """A policy for one path allows that path, its parameters and no other."""
    endpoint = user.endpoint
    endpoint.client("ssm").put_parameter(Name=f"/{user.name}/a", Value="v", Type="String")
    actions = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
    allowed = [f"{PARAMETERS}/{user.name}", f"{PARAMETERS}/{user.name}/*"]
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=policy((actions, allowed)))
    ssm = user.client("ssm")
    assert len(ssm.get_parameters_by_path(Path=f"/{user.name}")["Parameters"]) == 1
    assert ssm.get_parameter(Name=f"/{user.name}/a")["Parameter"]["Value"] == "v"
    assert refusal_of(ssm.get_parameter, Name="/other/a")[0] == "AccessDeniedException"
    assert "/other/b" in refusal_of(ssm.get_parameters, Names=[f"/{user.name}/a", "/other/b"])[1]
    assert refusal_of(ssm.put_parameter, Name=f"/{user.name}/a", Value="w")[0] == "AccessDeniedException"


@pytest.mark.parametrize("call", ["get_parameter", "get_parameters", "get_parameters_by_path"])
def test_decryption_needs_the_key(user: User, iam: IAMClient, call: str) -> None:
    """A SecureString in plain text also needs kms:Decrypt on its key; ciphertext doesn't."""
    endpoint = user.endpoint
    key = endpoint.client("kms").create_key()["KeyMetadata"]["Arn"]
    endpoint.client("ssm").put_parameter(
        Name=f"/{user.name}/key", Value="secret", Type="SecureString", KeyId=key
    )
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=policy(("ssm:*", "*")))
    by_call: dict[str, dict[str, Any]] = {
        "get_parameter": {"Name": f"/{user.name}/key"},
        "get_parameters": {"Names": [f"/{user.name}/key"]},
        "get_parameters_by_path": {"Path": f"/{user.name}"},
    }
    parameters = by_call[call]
    read = getattr(user.client("ssm"), call)
    read(**parameters)
    code, message = refusal_of(read, WithDecryption=True, **parameters)
    assert code == "AccessDeniedException"
    assert f"kms:Decrypt on resource: {key} " in message
    condition = {"StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}
    document = policy(("kms:Decrypt", key), Condition=condition)
    iam.put_user_policy(UserName=user.name, PolicyName="k", PolicyDocument=document)
    read(WithDecryption=True, **parameters)


def test_awss_own_key_needs_no_permission(user: User, iam: IAMClient) -> None:
    """aws/ssm allows its use through Parameter Store to whoever may use that; only a Deny is against it."""
    user.endpoint.client("ssm").put_parameter(Name=f"/{user.name}/key", Value="secret", Type="SecureString")
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=policy(("ssm:GetParameter*", "*")))
    ssm = user.client("ssm")
    parameter = ssm.get_parameter(Name=f"/{user.name}/key", WithDecryption=True)["Parameter"]
    assert parameter["Value"] == "secret"
    iam.put_user_policy(
        UserName=user.name, PolicyName="d", PolicyDocument=policy(("kms:*", "*"), effect="Deny")
    )
    code, message = refusal_of(ssm.get_parameter, Name=f"/{user.name}/key", WithDecryption=True)
    assert code == "AccessDeniedException"
    assert "kms:Decrypt" in message


def test_xray_actions_and_arns(user: User, iam: IAMClient, authorising: Endpoint) -> None:
    """X-Ray's actions have their own names and ARNs, in its rest-json errors."""
    everything = authorising.client("xray")
    group = everything.create_group(GroupName=user.name)["Group"]["GroupARN"]
    document = policy(("xray:GetGroup", group), ("xray:GetSamplingRules", "*"))
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=document)
    xray = user.client("xray")
    assert xray.get_group(GroupName=user.name)["Group"]["GroupARN"] == group
    assert xray.get_group(GroupARN=group)["Group"]["GroupARN"] == group
    assert xray.get_sampling_rules()["SamplingRuleRecords"]
    code, message = refusal_of(xray.get_group, GroupName="Default")
    assert code == "AccessDeniedException"
    assert f"xray:GetGroup on resource: arn:aws:xray:us-east-1:{ACCOUNT}:group/Default" in message
    assert f"xray:DeleteGroup on resource: {group}" in refusal_of(xray.delete_group, GroupARN=group)[1]
    assert (
        "xray:PutTraceSegments on resource: *"
        in refusal_of(xray.put_trace_segments, TraceSegmentDocuments=[])[1]
    )
    everything.delete_group(GroupARN=group)


def test_deny_wins(user: User, iam: IAMClient) -> None:
    """An explicit Deny wins, and the message says that it was one."""
    iam.put_user_policy(UserName=user.name, PolicyName="a", PolicyDocument=policy(("*", "*")))
    xray = user.client("xray")
    xray.get_groups()
    denial = policy(("xray:GetGroups", "*"), effect="Deny")
    iam.put_user_policy(UserName=user.name, PolicyName="d", PolicyDocument=denial)
    assert refusal_of(xray.get_groups)[1].endswith("with an explicit deny in an identity-based policy")


def test_group_and_managed_policies(user: User, iam: IAMClient) -> None:
    """Policies of the user's groups, inline and attached, and AWS-managed ones count."""
    iam.create_group(GroupName=user.name)
    iam.add_user_to_group(GroupName=user.name, UserName=user.name)
    iam.put_group_policy(GroupName=user.name, PolicyName="p", PolicyDocument=policy(("xray:GetGroups", "*")))
    xray = user.client("xray")
    xray.get_groups()
    assert refusal_of(xray.get_sampling_rules)[0] == "AccessDeniedException"
    iam.attach_user_policy(UserName=user.name, PolicyArn="arn:aws:iam::aws:policy/AWSXrayReadOnlyAccess")
    xray.get_sampling_rules()
    made = iam.create_policy(PolicyName=user.name, PolicyDocument=policy(("xray:PutEncryptionConfig", "*")))
    iam.attach_group_policy(GroupName=user.name, PolicyArn=made["Policy"]["Arn"])
    xray.put_encryption_config(Type="NONE")


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ssm", "describe_parameters", "UnrecognizedClientException"),
        ("xray", "get_groups", "UnrecognizedClientException"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("ec2", "describe_vpcs", "AuthFailure"),
    ],
)
def test_unknown_keys(authorising: Endpoint, service: str, operation: str, code: str) -> None:
    """A key that nobody has is told in each protocol's way."""
    client = authorising.client(service, aws_access_key_id="AKIA" + 16 * "A")
    assert refusal_of(getattr(client, operation))[0] == code
    client.close()


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("s3", "list_objects_v2", {"Bucket": "some-bucket"}, "AccessDenied"),
        ("iam", "list_users", {}, "AccessDenied"),
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation"),
        ("route53", "list_hosted_zones", {}, "AccessDenied"),
        ("logs", "create_log_group", {"logGroupName": "/x"}, "AccessDeniedException"),
        ("dynamodb", "list_tables", {}, "AccessDeniedException"),
        ("cloudwatch", "describe_alarms", {}, "AccessDeniedException"),
        ("lambda", "list_functions", {}, "AccessDeniedException"),
    ],
)
def test_denial_in_each_protocol(
    user: User, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    """A denial comes in the service's protocol and names the user."""
    client = user.client(service)
    found, message = refusal_of(getattr(client, operation), **parameters)
    assert found == code
    assert f"User: {user.arn} is not authorized to perform: " in message
    client.close()


def test_inactive_and_deleted_keys(user: User, iam: IAMClient) -> None:
    """A key that was switched off or deleted opens nothing."""
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=policy(("*", "*")))
    key = user.keys["aws_access_key_id"]
    xray = user.client("xray")
    xray.get_groups()
    iam.update_access_key(UserName=user.name, AccessKeyId=key, Status="Inactive")
    assert refusal_of(xray.get_groups)[0] == "UnrecognizedClientException"
    iam.update_access_key(UserName=user.name, AccessKeyId=key, Status="Active")
    xray.get_groups()
    iam.delete_access_key(UserName=user.name, AccessKeyId=key)
    assert refusal_of(xray.get_groups)[0] == "UnrecognizedClientException"


def test_state_bucket_policy(user: User, iam: IAMClient) -> None:
    """S3's actions have their own names: what a Terraform state needs is enough for it, and no more."""
    bucket, arn = user.name, f"arn:aws:s3:::{user.name}"
    user.endpoint.client("s3").create_bucket(Bucket=bucket)
    objects = (["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{arn}/xray/*")
    document = policy(("s3:ListBucket", arn), objects)
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=document)
    s3 = user.client("s3")
    s3.head_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="xray/terraform.tfstate", Body=b"{}")
    s3.head_object(Bucket=bucket, Key="xray/terraform.tfstate")
    s3.list_objects_v2(Bucket=bucket, Prefix="xray/")
    s3.delete_object(Bucket=bucket, Key="xray/terraform.tfstate")
    assert (
        f"s3:PutObject on resource: {arn}/other" in refusal_of(s3.put_object, Bucket=bucket, Key="other")[1]
    )
    assert f"s3:DeleteBucket on resource: {arn}" in refusal_of(s3.delete_bucket, Bucket=bucket)[1]


def test_bootstrap_pair_may_everything(authorising: Endpoint) -> None:
    """test/test stays allowed everything: it is what makes the first users."""
    authorising.client("ssm").describe_parameters()
    authorising.client("xray").get_groups()


def test_off_means_off(endpoint: Endpoint) -> None:
    """Without authorisation any key is taken."""
    endpoint.client("ssm", aws_access_key_id="AKIA" + 16 * "A").describe_parameters()
