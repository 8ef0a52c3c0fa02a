"""The AWS port: moto behind the front, control endpoints, tokens."""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.raw import authorization, send

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint

EXPIRED = "localcloud-expired-token"


def _control(endpoint: Endpoint, method: str, path: str, body: bytes = b"") -> Any:
    answer = send(endpoint.port, method, f"/_localcloud/{path}", body, service=None)
    return answer.status, answer.document() if answer.body else None


def test_health(endpoint: Endpoint) -> None:
    """The health endpoint answers."""
    assert _control(endpoint, "GET", "health") == (200, {"status": "ok"})


def test_unknown_control(endpoint: Endpoint) -> None:
    """What isn't there is 404, not handed to S3."""
    assert _control(endpoint, "GET", "nothing")[0] == 404


def test_authorisation_switch(endpoint: Endpoint) -> None:
    """The switch takes true and false and nothing else."""
    assert _control(endpoint, "PUT", "authorisation", b'{"enabled": true}') == (200, {"enabled": True})
    assert _control(endpoint, "PUT", "authorisation", b'{"enabled": false}') == (200, {"enabled": False})
    for wrong in (b"", b"{}", b"[]", b'{"enabled": 1}', b"\xff"):
        assert _control(endpoint, "PUT", "authorisation", wrong)[0] == 400
    assert endpoint.state.authorise is False


def test_images_that_never_get_healthy(endpoint: Endpoint) -> None:
    """The switch takes a list of references and nothing else; each one replaces the former."""
    assert _control(endpoint, "GET", "unhealthy") == (200, {"images": []})
    assert _control(endpoint, "PUT", "unhealthy", b'{"images": ["b", "a"]}') == (200, {"images": ["a", "b"]})
    for wrong in (b"", b"{}", b"[]", b'{"images": "a"}', b'{"images": [1]}', b"\xff"):
        assert _control(endpoint, "PUT", "unhealthy", wrong)[0] == 400
    assert _control(endpoint, "GET", "unhealthy")[1] == {"images": ["a", "b"]}
    assert _control(endpoint, "PUT", "unhealthy", b'{"images": []}') == (200, {"images": []})


def test_calls_are_listed(endpoint: Endpoint) -> None:
    """The last calls are listed by service, operation, key and status, newest last, until cleared."""
    assert _control(endpoint, "DELETE", "calls") == (204, None)
    endpoint.client("sts").get_caller_identity()
    with pytest.raises(ClientError):
        endpoint.client("ssm", aws_access_key_id="other").get_parameter(Name="nothing")
    endpoint.client("xray").get_groups()
    assert _control(endpoint, "GET", "calls")[1] == [
        {"service": "sts", "operation": "GetCallerIdentity", "access_key": "test", "status": 200},
        {"service": "ssm", "operation": "GetParameter", "access_key": "other", "status": 400},
        {"service": "xray", "operation": "GetGroups", "access_key": "test", "status": 200},
    ]


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("xray", "get_groups", "ExpiredTokenException", 403),
        ("ssm", "describe_parameters", "ExpiredTokenException", 400),
        ("dynamodb", "list_tables", "ExpiredTokenException", 400),
        ("lambda", "list_functions", "ExpiredTokenException", 403),
        ("cloudwatch", "describe_alarms", "ExpiredTokenException", 400),
        ("sts", "get_caller_identity", "ExpiredToken", 403),
        ("route53", "list_hosted_zones", "ExpiredToken", 403),
        ("s3", "list_buckets", "ExpiredToken", 400),
        ("ec2", "describe_vpcs", "RequestExpired", 400),
    ],
)
def test_expired_token(endpoint: Endpoint, service: str, operation: str, code: str, status: int) -> None:
    """The reserved token is expired in each protocol, whether authorisation is on or not."""
    client = endpoint.client(service, aws_session_token=EXPIRED)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    client.close()


def test_secure_string_is_only_told_on_request(endpoint: Endpoint, name: str) -> None:
    """Without decryption a SecureString comes as ciphertext, the same each time, another for each version."""
    ssm = endpoint.client("ssm")
    for _ in range(2):
        ssm.put_parameter(Name=f"/{name}/key", Value="hcaik_secret", Type="SecureString", Overwrite=True)
    texts = [
        ssm.get_parameter(Name=f"/{name}/key:1")["Parameter"]["Value"],
        ssm.get_parameter(Name=f"/{name}/key")["Parameter"]["Value"],
        ssm.get_parameters(Names=[f"/{name}/key"])["Parameters"][0]["Value"],
        ssm.get_parameters_by_path(Path=f"/{name}")["Parameters"][0]["Value"],
        ssm.get_parameter_history(Name=f"/{name}/key")["Parameters"][1]["Value"],
    ]
    assert not [text for text in texts if "hcaik" in text]
    assert texts[0] != texts[1]
    assert len(set(texts[1:])) == 1
    plain = ssm.get_parameters_by_path(Path=f"/{name}", WithDecryption=True)["Parameters"][0]
    assert (plain["Value"], plain["Version"]) == ("hcaik_secret", 2)
    ssm.close()


def test_parameter_refusals(endpoint: Endpoint, name: str) -> None:
    """An empty value, and a key that doesn't exist, are refused."""
    ssm = endpoint.client("ssm")
    with pytest.raises(ClientError, match="ValidationException"):
        ssm.put_parameter(Name=f"/{name}", Value="", Type="String")
    with pytest.raises(ClientError, match="InvalidKeyId"):
        ssm.put_parameter(Name=f"/{name}", Value="x", Type="SecureString", KeyId="alias/never-made")
    ssm.close()


def test_state_bucket(endpoint: Endpoint, name: str) -> None:
    """What Terraform's S3 backend does works: conditional writes for the lock, versions, odd keys."""
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    lock = "xray/terraform.tfstate.tflock"
    s3.put_object(Bucket=name, Key=lock, Body=b"{}", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=name, Key=lock, Body=b"{}", IfNoneMatch="*")
    s3.delete_object(Bucket=name, Key=lock)
    state = bytes(range(256)) * 20_000
    for key in ("env:/prod/a b/ü%2F+.tfstate", "a//b"):
        s3.put_object(Bucket=name, Key=key, Body=state, Metadata={"under_score": "kept"})
        read = s3.get_object(Bucket=name, Key=key)
        assert read["Body"].read() == state
        assert read["Metadata"] == {"under_score": "kept"}
    assert s3.head_object(Bucket=name, Key="a//b")["ContentLength"] == len(state)
    s3.close()


def test_bodies_stream_in_chunks(endpoint: Endpoint, name: str) -> None:
    """A chunked body without a length arrives whole."""
    endpoint.client("s3").create_bucket(Bucket=name)
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port)
    headers = {"authorization": authorization("s3"), "transfer-encoding": "chunked"}
    connection.request("PUT", f"/{name}/k", iter([b"a" * 1000] * 3000), headers, encode_chunked=True)
    assert connection.getresponse().read() is not None
    connection.close()
    read = endpoint.client("s3").get_object(Bucket=name, Key="k")
    assert read["ContentLength"] == 3_000_000


def test_moto_failures_are_told_and_logged(endpoint: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    """What moto hasn't got is 501, in the service's protocol, and named in the log."""
    client = endpoint.client("ssm")
    with caplog.at_level(logging.ERROR), pytest.raises(ClientError) as caught:
        client.list_nodes()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "ssm:ListNodes" in str(caught.value)
    assert "ssm:ListNodes" in caplog.text
    client.close()


def test_unknown_service(endpoint: Endpoint) -> None:
    """A service that doesn't exist is answered, and the port lives on."""
    answer = send(endpoint.port, "POST", "/", b"{}", service="nonsense")
    assert answer.status in {404, 500, 501}
    assert _control(endpoint, "GET", "health")[0] == 200


def test_malformed_json_to_ssm(endpoint: Endpoint) -> None:
    """A body that isn't JSON is the caller's mistake."""
    headers = {"x-amz-target": "AmazonSSM.GetParameter", "content-type": "application/x-amz-json-1.1"}
    for body, code in (
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"\xff\xff", "SerializationException"),
        (b"", "ValidationException"),
        (b'{"Name": 5}', "ValidationException"),
    ):
        answer = send(endpoint.port, "POST", "/", body, service="ssm", headers=headers)
        assert (answer.status, json.loads(answer.body)["__type"]) == (400, code)


def test_many_calls_at_once(endpoint: Endpoint, name: str) -> None:
    """Calls to several services from many threads are all answered right."""
    ssm, xray = endpoint.client("ssm"), endpoint.client("xray")
    ssm.put_parameter(Name=f"/{name}", Value="v", Type="String")

    def read(number: int) -> bool:
        if number % 2:
            return bool(xray.get_sampling_rules()["SamplingRuleRecords"])
        return bool(ssm.get_parameter(Name=f"/{name}")["Parameter"]["Value"] == "v")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(80)))
    ssm.close()
    xray.close()


def test_bucket_policy_for_tls(endpoint: Endpoint, name: str) -> None:
    """The policy that Terragrunt gives a state bucket lets its owner work; a plain Deny still denies."""
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket=name)
    resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    statement: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    only_tls = {"Bool": {"aws:SecureTransport": "false"}}
    root = {**statement, "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": only_tls}, root]}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    s3.put_object(Bucket=name, Key="k", Body=b"v")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"v"
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({**policy, "Statement": [statement]}))
    with pytest.raises(ClientError, match=r"AccessDenied|Forbidden|403"):
        s3.get_object(Bucket=name, Key="k")
    s3.close()
