"""Whatever is sent to X-Ray gets one of its errors, never a 500."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.aws.xray.operations import OPERATIONS
from tests.localcloud.aws.raw import send

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint

IMPLEMENTED = sorted(OPERATIONS)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_SHAPES: list[Any] = [operation.input_shape for operation in OPERATIONS.values()]
_MEMBERS = sorted({name for shape in _SHAPES for name in shape.members})
_fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_fuzz
@given(path=st.sampled_from(IMPLEMENTED), body=st.binary(max_size=60))
def test_random_bytes_are_refused(endpoint: Endpoint, path: str, body: bytes) -> None:
    """Bytes that are no JSON object get 400, whatever the operation."""
    answer = send(endpoint.port, "POST", path, body)
    assert answer.status == (200 if answer.status == 200 and _may_be_empty(body) else 400)
    assert answer.status == 200 or answer.code == "InvalidRequestException"


def _may_be_empty(body: bytes) -> bool:
    """Only nothing at all, or an object, can be a request."""
    return body == b"" or isinstance(json.loads(body), dict)


@_fuzz
@given(
    path=st.sampled_from(IMPLEMENTED),
    document=st.dictionaries(st.sampled_from(_MEMBERS), _json, max_size=4),
)
def test_random_members_never_break_the_service(
    endpoint: Endpoint, path: str, document: dict[str, Any]
) -> None:
    """Members of any type and shape are answered with 200 or with one of X-Ray's errors."""
    answer = send(endpoint.port, "POST", path, json.dumps(document).encode())
    assert answer.status in {200, 400, 404}
    assert answer.status == 200 or "Message" in answer.document()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "isn't valid JSON"),
        (b"\xff\xfe", "isn't valid JSON"),
        (b"[" * 50_000, "isn't valid JSON"),
        (b'{"GroupName": NaN}', "isn't valid JSON"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"{}", "Value null at 'groupName' failed to satisfy constraint: Member must not be null"),
        (b'{"GroupName": null}', "Member must not be null"),
        (b'{"GroupName": 5}', "Value '5' at 'groupName' is not of type string"),
        (b'{"GroupName": ""}', "length greater than or equal to 1"),
        (b'{"GroupName": "' + b"x" * 33 + b'"}', "length less than or equal to 32"),
        (b'{"GroupName": "\\ud800"}', "valid Unicode"),
        (b'{"GroupName": "a", "Tags": {}}', "at 'tags' is not of type list"),
        (b'{"GroupName": "a", "Tags": [5]}', "at 'tags.1.member' is not of type structure"),
        (b'{"GroupName": "a", "Tags": [{"Key": "k"}]}', "at 'tags.1.member.value'"),
        (
            b'{"GroupName": "a", "InsightsConfiguration": {"InsightsEnabled": 1}}',
            "at 'insightsConfiguration.insightsEnabled' is not of type boolean",
        ),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(endpoint: Endpoint, body: bytes, message: str) -> None:
    """Each wrong request gets 400 with InvalidRequestException, which names the place and the limit."""
    answer = send(endpoint.port, "POST", "/CreateGroup", body)
    assert (answer.status, answer.code) == (400, "InvalidRequestException")
    assert message in answer.document()["Message"]


def test_all_problems_are_counted(endpoint: Endpoint) -> None:
    """One answer lists every problem of a request."""
    answer = send(endpoint.port, "POST", "/CreateSamplingRule", b'{"SamplingRule": {}}')
    assert answer.document()["Message"].startswith("10 validation errors detected: ")


def test_unknown_members_are_tolerated(endpoint: Endpoint) -> None:
    """What the model doesn't know is ignored, as newer clients need."""
    answer = send(endpoint.port, "POST", "/Groups", b'{"Newer": {"deep": [1]}}')
    assert answer.status == 200


def test_sample_count_is_accepted(endpoint: Endpoint) -> None:
    """OpenTelemetry's samplers send SampleCount for SampledCount."""
    report = {
        "RuleName": "Default",
        "ClientID": "a" * 24,
        "Timestamp": 1,
        "RequestCount": 1,
        "SampleCount": 1,
    }
    body = json.dumps({"SamplingStatisticsDocuments": [report]}).encode()
    assert send(endpoint.port, "POST", "/SamplingTargets", body).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/Groups"), ("POST", "/NoSuchOperation"), ("POST", "/"), ("POST", "/Groups/"), ("PUT", "/%00")],
)
def test_unknown_operations(endpoint: Endpoint, method: str, path: str) -> None:
    """A path or method that X-Ray doesn't have is 404 UnknownOperationException."""
    answer = send(endpoint.port, method, path, b"{}")
    assert (answer.status, answer.code) == (404, "UnknownOperationException")


def test_unsigned_requests_are_refused(endpoint: Endpoint) -> None:
    """X-Ray without a signature is 403, as on AWS; the daemon's proxy is who signs."""
    answer = send(endpoint.port, "POST", "/GetSamplingRules", b"", service=None)
    assert (answer.status, answer.code) == (403, "MissingAuthenticationTokenException")


def test_too_long_a_request(endpoint: Endpoint) -> None:
    """More than the limit is 413, and the connection's next request is answered."""
    answer = send(endpoint.port, "POST", "/TraceSegments", b" " * (10 * 1024 * 1024 + 1))
    assert answer.status == 413


@pytest.mark.parametrize("path", sorted({*IMPLEMENTED, "/NoSuchOperation"} - {"/TraceSegments"}))
def test_too_long_a_request_without_documents(endpoint: Endpoint, path: str) -> None:
    """What carries no documents may have a tenth of that."""
    answer = send(endpoint.port, "POST", path, b" " * (1024 * 1024 + 1))
    assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")
    assert "longer than 1048576 bytes" in answer.document()["message"]


def test_unknown_region(endpoint: Endpoint) -> None:
    """A region that doesn't exist is refused, not served."""
    scope = "AWS4-HMAC-SHA256 Credential=test/20260101/nowhere-1/xray/aws4_request, Signature=0"
    answer = send(endpoint.port, "POST", "/Groups", service=None, headers={"authorization": scope})
    assert (answer.status, answer.code) == (403, "InvalidSignatureException")


@pytest.mark.parametrize(
    "header",
    ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "AWS4-HMAC-SHA256 Credential=a/b/c, Signature=0"],
)
def test_malformed_signatures(endpoint: Endpoint, header: str) -> None:
    """A credential scope that can't be read is 400."""
    answer = send(endpoint.port, "POST", "/Groups", service=None, headers={"authorization": header})
    assert (answer.status, answer.code) == (400, "IncompleteSignatureException")
