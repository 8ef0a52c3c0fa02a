"""What is malformed gets the error of AWS, not a 500, from the services behind moto too."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.localcloud.aws.people import refusal_of
from tests.localcloud.aws.raw import send

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint

FORM = {"content-type": "application/x-www-form-urlencoded"}
S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def _json(endpoint: Endpoint, target: str, body: bytes) -> tuple[int, str]:
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.1"}
    service = "kms" if target.startswith("Trent") else "ssm" if "SSM" in target else "dynamodb"
    answer = send(endpoint.port, "POST", "/", body, service=service, headers=headers)
    return answer.status, answer.document()["__type"]


def _xml_code(body: bytes) -> str:
    return body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


@pytest.mark.parametrize("token", ["bad", "-1", "1.5", "٣", "9" * 5000])
def test_tokens_that_are_not_ssms(endpoint: Endpoint, token: str) -> None:
    """A NextToken that no answer had is InvalidNextToken, wherever SSM has pages."""
    ssm = endpoint.client("ssm")
    for call, parameters in (
        (ssm.get_parameters_by_path, {"Path": "/x"}),
        (ssm.describe_parameters, {}),
        (ssm.get_parameter_history, {"Name": "/x"}),
        (ssm.list_documents, {}),
    ):
        assert refusal_of(call, NextToken=token, **parameters)[0] == "InvalidNextToken"
    ssm.close()


def test_tokens_of_ssm_lead_on(endpoint: Endpoint, name: str) -> None:
    """The tokens that SSM gives are taken."""
    ssm = endpoint.client("ssm")
    for number in range(12):
        ssm.put_parameter(Name=f"/{name}/{number}", Value="v", Type="String")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"/{name}")
    assert len([parameter for page in pages for parameter in page["Parameters"]]) == 12
    ssm.close()


@pytest.mark.parametrize(
    ("service", "form", "code"),
    [
        ("sts", b"Action=Nope&Version=2011-06-15", "InvalidAction"),
        ("iam", b"Action=Nope&Version=2010-05-08", "InvalidAction"),
        ("ec2", b"Action=Nope&Version=2016-11-15", "InvalidAction"),
        ("sts", b"Action=AssumeRole&Version=2011-06-15", "ValidationError"),
        ("sns", b"Action=CreateTopic&Version=2010-03-31", "ValidationError"),
        ("sqs", b"Action=CreateQueue&Version=2012-11-05", "ValidationError"),
        ("elasticloadbalancing", b"Action=CreateLoadBalancer&Version=2015-12-01", "ValidationError"),
        (
            "sts",
            b"Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=y&DurationSeconds=z",
            "MalformedInput",
        ),
        ("ec2", b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=z", "MalformedInput"),
    ],
)
def test_forms(endpoint: Endpoint, service: str, form: bytes, code: str) -> None:
    """Unknown actions, missing parameters and text for numbers are 400, each with its code."""
    answer = send(endpoint.port, "POST", "/", form, service=service, headers=FORM)
    assert (answer.status, _xml_code(answer.body)) == (400, code)


def test_missing_parameters_are_named(endpoint: Endpoint) -> None:
    """The message names what is missing, in nested structures too."""
    form = b"Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=y&Tags.member.1.Key=k"
    answer = send(endpoint.port, "POST", "/", form, service="sts", headers=FORM)
    assert b"Value null at 'tags.1.member.value'" in answer.body


def test_unknown_json_operation(endpoint: Endpoint) -> None:
    """An operation that DynamoDB hasn't got is UnknownOperationException."""
    assert _json(endpoint, "DynamoDB_20120810.Nope", b"{}") == (400, "UnknownOperationException")


@pytest.mark.parametrize("blob", [b"bad", b"\0" * 64, b"x" * 300, b"\xff" * 100])
def test_ciphertext_that_is_none(endpoint: Endpoint, blob: bytes) -> None:
    """Bytes that KMS didn't make are InvalidCiphertextException, whatever their number."""
    kms = endpoint.client("kms")
    assert refusal_of(kms.decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"
    kms.close()


def test_ciphertext_of_kms_is_read(endpoint: Endpoint) -> None:
    """What KMS made it reads; what was changed since is none."""
    kms = endpoint.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    assert refusal_of(kms.decrypt, CiphertextBlob=blob + b"x")[0] == "InvalidCiphertextException"
    kms.close()


@pytest.mark.parametrize("text", ["bad", "!!", "a"])
def test_blobs_that_are_not_base64(endpoint: Endpoint, text: str) -> None:
    """A blob that isn't base64 can't be read at all, as AWS's JSON services have it."""
    for target, member in (("Decrypt", "CiphertextBlob"), ("Encrypt", "Plaintext")):
        body = json.dumps({"KeyId": "x", member: text}).encode()
        assert _json(endpoint, f"TrentService.{target}", body) == (400, "SerializationException")


@pytest.fixture
def bucket(endpoint: Endpoint, name: str) -> str:
    """A bucket of its own."""
    endpoint.client("s3").create_bucket(Bucket=name)
    return name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Tagging",
        b"text",
        b"<a/>",
        b"<Tagging/>",
        b"<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>",
        b'<?xml version="1.0" encoding="none"?><Tagging><TagSet/></Tagging>',
        b'<!DOCTYPE Tagging [<!ENTITY a "a">]><Tagging><TagSet/></Tagging>',
        b"\xff\xfe",
    ],
)
def test_xml_that_s3_refuses(endpoint: Endpoint, bucket: str, body: bytes) -> None:
    """XML that is broken, another document's or incomplete is MalformedXML, for buckets and objects."""
    for path in (f"/{bucket}?tagging", f"/{bucket}/key?tagging"):
        answer = send(endpoint.port, "PUT", path, body, service="s3")
        assert (answer.status, _xml_code(answer.body)) == (400, "MalformedXML")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/{}-new"),
        ("PUT", "/{}?versioning"),
        ("PUT", "/{}?encryption"),
        ("PUT", "/{}?lifecycle"),
        ("PUT", "/{}?publicAccessBlock"),
        ("PUT", "/{}?acl"),
        ("POST", "/{}?delete"),
        ("POST", "/{}/key?uploadId=x"),
    ],
)
def test_broken_xml_to_any_operation(endpoint: Endpoint, bucket: str, method: str, path: str) -> None:
    """Broken XML is MalformedXML wherever S3 takes XML."""
    answer = send(endpoint.port, method, path.format(bucket), b"<broken", service="s3")
    assert (answer.status, _xml_code(answer.body)) == (400, "MalformedXML")


def test_xml_that_s3_takes(endpoint: Endpoint, bucket: str) -> None:
    """What is complete is taken, with its namespace and without; an object may hold anything."""
    tags = "<TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
    for start in ("<Tagging>", f'<Tagging xmlns="{S3_NAMESPACE}">'):
        answer = send(endpoint.port, "PUT", f"/{bucket}?tagging", f"{start}{tags}".encode(), service="s3")
        assert answer.status in {200, 204}
    assert send(endpoint.port, "PUT", f"/{bucket}/key", b"<broken", service="s3").status == 200


def test_numbers_in_s3s_query(endpoint: Endpoint, bucket: str) -> None:
    """Text where a number belongs is InvalidArgument."""
    for text, status in (("z", 400), ("-1", 400), ("9" * 5000, 400), ("5", 200)):
        answer = send(endpoint.port, "GET", f"/{bucket}?max-keys={text}", service="s3")
        assert answer.status == status
        assert status == 200 or _xml_code(answer.body) == "InvalidArgument"


@pytest.mark.parametrize("policy", ["<broken", "[]", "{}", '{"Statement": 5}', '{"Statement": [5]}'])
def test_broken_bucket_policies(endpoint: Endpoint, bucket: str, policy: str) -> None:
    """A policy that can't be read is refused, and the bucket still answers."""
    s3 = endpoint.client("s3")
    assert refusal_of(s3.put_bucket_policy, Bucket=bucket, Policy=policy)[0] == "MalformedPolicy"
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    s3.close()


_fuzz = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_fuzz
@given(body=st.binary(max_size=80), text=st.binary(max_size=90))
def test_random_bytes_never_break_services(endpoint: Endpoint, body: bytes, text: bytes) -> None:
    """Bytes of any kind get 400 from S3, KMS and STS."""
    found: list[Any] = [
        send(endpoint.port, "POST", "/any-bucket?delete", body, service="s3").status,
        _json(endpoint, "TrentService.Decrypt", b'{"CiphertextBlob": "%s"}' % base64.b64encode(text))[0],
        _json(endpoint, "AmazonSSM.GetParametersByPath", body)[0],
        send(endpoint.port, "POST", "/", b"Action=AssumeRole&" + body, service="sts", headers=FORM).status,
    ]
    assert found == [400, 400, 400, 400]
