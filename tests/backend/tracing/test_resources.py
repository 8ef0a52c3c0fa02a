"""What startup reads, and how its failures are told."""

import socket

import pytest

from services.tracing.errors import ResourceError
from services.tracing.resources import load
from services.tracing.settings import TracingSettings
from services.tracing.startup import aws_client
from services.tracing.startup.parameters import API_KEY
from tests.backend.tracing.cloud import KEY, NAME, PATH, aws_error, cloud
from tests.backend.tracing.servers import Answer, closed_port, http_server

DENIED = "User: arn:aws:iam::123456789012:user/app is not authorized to perform: {} on resource: x"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore takes credentials from the environment, as it does in production."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(aws_client, "ATTEMPTS_MAX", 1)


def problems_of(settings: TracingSettings) -> tuple[str, ...]:
    """Return the lines that loading ends in."""
    with pytest.raises(ResourceError) as caught:
        load(settings)
    assert all("\n" not in problem for problem in caught.value.problems)
    return caught.value.problems


def test_everything_is_read_in_three_calls() -> None:
    """Parameters with their versions, the group, the rules; the key shows in no representation."""
    with cloud() as aws:
        loaded = load(aws.settings())
    assert sorted(request.path for request in aws.server.requests) == ["/", "/GetGroup", "/GetSamplingRules"]
    assert loaded.parameters["honeycomb/api-key"].value == KEY
    assert loaded.parameters["honeycomb/api-key"].version == 3
    assert loaded.group.name == NAME
    assert loaded.group.filter_expression == f'service("{NAME}")'
    assert loaded.rules[0].rule_name == NAME
    assert KEY not in repr(loaded)


def test_every_missing_parameter_is_named() -> None:
    """Each with its whole name and the remedy."""
    with cloud() as aws:
        aws.parameters.clear()
        problems = problems_of(aws.settings())
    assert len(problems) == 5
    assert problems[0].startswith(f"parameter {PATH}/honeycomb/api-key is missing: apply the configuration")


def test_what_explicit_variables_give_is_not_needed() -> None:
    """Explicit OTEL variables win over SSM, so that their parameters may be absent."""
    with cloud() as aws:
        for name in ("honeycomb/api-key", "honeycomb/dataset", "honeycomb/endpoint"):
            del aws.parameters[name]
        loaded = load(
            aws.settings(otlp_traces_url="http://c/v1/traces", otlp_headers={"X-Honeycomb-Team": "k"})
        )
    assert loaded.group.name == NAME


@pytest.mark.parametrize("value", ["", " ", "key\n", "ke\u00ff", " key"])
def test_a_value_that_no_header_takes_is_a_problem(value: str) -> None:
    """An interrupted write may leave an empty value; the value itself isn't shown."""
    with cloud() as aws:
        aws.parameters["honeycomb/api-key"] = value
        (problem,) = problems_of(aws.settings())
    assert "honeycomb/api-key holds no usable value" in problem


def test_a_rule_that_does_not_exist_or_is_ignored_is_named() -> None:
    """The parameter names a rule; X-Ray must have it, and SDKs must follow it."""
    with cloud() as aws:
        aws.parameters["xray/sampling-rule-name"] = "lost"
        assert "sampling rule lost does not exist" in problems_of(aws.settings())[0]
        aws.parameters["xray/sampling-rule-name"] = NAME
        (aws.rules[0].attributes)["k"] = "v"  # type: ignore[index]
        try:
            assert "would be ignored: attributes are set" in problems_of(aws.settings())[0]
        finally:
            aws.rules[0].attributes.clear()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("call", "code", "message", "expected"),
    [
        (
            "AmazonSSM.GetParametersByPath",
            "AccessDeniedException",
            DENIED.format("ssm:GetParametersByPath"),
            f"allow ssm:GetParametersByPath on parameter{PATH} and parameter{PATH}/*",
        ),
        (
            "AmazonSSM.GetParametersByPath",
            "AccessDeniedException",
            DENIED.format("kms:Decrypt"),
            "allow kms:Decrypt on the key that encrypts",
        ),
        ("/GetSamplingRules", "AccessDeniedException", "", "allow xray:GetSamplingRules on *"),
        ("/GetGroup", "AccessDeniedException", "", f"allow xray:GetGroup on group/{NAME}"),
        ("/GetGroup", "InvalidRequestException", "Group not found", f"X-Ray group {NAME} does not exist"),
        ("AmazonSSM.GetParametersByPath", "ExpiredTokenException", "", "session token has expired"),
        ("/GetSamplingRules", "ExpiredToken", "", "renew it and restart"),
        ("/GetGroup", "UnrecognizedClientException", "", "does not accept the credentials"),
        ("/GetGroup", "ThrottledException", "", "AWS is throttling"),
        ("/GetGroup", "SomethingNew", "said this", "xray:GetGroup: SomethingNew: said this"),
    ],
)
def test_each_failure_is_one_line_with_the_remedy(call: str, code: str, message: str, expected: str) -> None:
    """It names the call and what to do, and the other calls are made all the same."""
    with cloud() as aws:
        aws.failures[call] = aws_error(code, message)
        (problem,) = problems_of(aws.settings())
    assert expected in problem


def test_several_failures_are_told_together() -> None:
    """One start tells all that has to be mended."""
    with cloud() as aws:
        aws.failures["/GetSamplingRules"] = aws_error("AccessDeniedException")
        aws.failures["/GetGroup"] = aws_error("AccessDeniedException")
        assert len(problems_of(aws.settings())) == 2


def test_an_unreachable_endpoint_is_named() -> None:
    """With the variable that leads there."""
    host, port = closed_port(socket.SOCK_STREAM)
    url = f"http://{host}:{port}"
    with cloud() as aws:
        problems = problems_of(aws.settings(ssm_endpoint_url=url, xray_endpoint_url=url))
    assert len(problems) == 2
    assert all(f"{url} can't be reached" in problem and "AWS_ENDPOINT_URL" in problem for problem in problems)


def test_missing_credentials_and_region_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's own words would leave the reader to guess the variable."""
    with cloud() as aws:
        assert problems_of(aws.settings(region=None)) == ("AWS: no region is set: set AWS_REGION",)
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        assert all("AWS credentials are missing" in problem for problem in problems_of(aws.settings()))


NOT_AWS = [
    Answer(200),
    Answer(200, b"{}"),
    Answer(200, b"[]"),
    Answer(200, b"7"),
    Answer(200, b"<html>login</html>"),
    Answer(200, b'{"Parameters": null, "SamplingRuleRecords": null, "Group": null}'),
    Answer(200, b'{"Parameters": 7, "SamplingRuleRecords": [7], "Group": []}'),
    Answer.of({"Parameters": [{"Name": f"{PATH}/{API_KEY}", "Value": "v", "LastModifiedDate": 1.0}]}),
    Answer.of(
        {"Parameters": [{"Name": f"{PATH}/{API_KEY}", "Value": 7, "Version": 1, "LastModifiedDate": 1}]}
    ),
    Answer.of({"Parameters": [{"Name": "n", "Value": "v", "Version": 1, "LastModifiedDate": "soon"}]}),
]


@pytest.mark.parametrize("answer", NOT_AWS, ids=lambda answer: answer.body.decode()[:40])
def test_an_answer_that_is_not_of_aws_is_one_line(answer: Answer) -> None:
    """Whatever a wrong endpoint answers with 200, each call ends in the endpoint and the remedy."""
    with http_server(lambda _: answer) as server, cloud() as aws:
        url = server.url
        problems = problems_of(aws.settings(ssm_endpoint_url=url, xray_endpoint_url=url))
    assert [problem.partition(": ")[0] for problem in problems] == [
        "ssm:GetParametersByPath",
        "xray:GetSamplingRules",
    ]
    for problem in problems:
        assert f": {url} answered what AWS doesn't (" in problem
        assert problem.endswith("): correct AWS_ENDPOINT_URL")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"Group": null}', b'{"Group": {"GroupName": 7}}'])
def test_a_group_that_is_not_of_aws_is_one_line(body: bytes) -> None:
    """The call whose name comes out of a parameter is as safe as the others."""
    with cloud() as aws:
        aws.failures["/GetGroup"] = Answer(200, body)
        (problem,) = problems_of(aws.settings())
    assert problem.startswith(f"xray:GetGroup: {aws.server.url} answered what AWS doesn't (")


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (302, "correct AWS_ENDPOINT_URL"),
        (404, "correct AWS_ENDPOINT_URL"),
        (429, "it is tried again; where it stays, correct AWS_ENDPOINT_URL"),
        (500, "it is tried again; where it stays, correct AWS_ENDPOINT_URL"),
        (503, "it is tried again; where it stays, correct AWS_ENDPOINT_URL"),
    ],
)
def test_a_bare_status_is_told_with_endpoint_and_remedy(status: int, remedy: str) -> None:
    """AWS names its errors; a status without a name is a proxy's."""
    with cloud() as aws:
        for call in ("AmazonSSM.GetParametersByPath", "/GetSamplingRules"):
            aws.failures[call] = Answer(status, b"<html>no</html>")
        problems = problems_of(aws.settings())
    expected = f"{aws.server.url} answered {status}: {remedy}"
    assert problems == (f"ssm:GetParametersByPath: {expected}", f"xray:GetSamplingRules: {expected}")


def test_a_profile_that_does_not_exist_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore looks for the profile before it looks for credentials."""
    monkeypatch.setenv("AWS_PROFILE", "lost")
    with cloud() as aws:
        (problem,) = problems_of(aws.settings())
    assert "(lost) could not be found: correct AWS_PROFILE, or give the backend's role" in problem


@pytest.mark.parametrize(
    "endpoint", ["ftp://x y", "http://x y", "api.honeycomb.io", f"https://u:{'hush'}@h", "https://h/?k=hush"]
)
def test_an_endpoint_that_can_not_be_used_is_a_problem(endpoint: str) -> None:
    """The parameter is checked as the variable is, where spans are sent to it; nothing is repeated."""
    with cloud(endpoint) as aws:
        (problem,) = problems_of(aws.settings())
        load(aws.settings(otlp_traces_url="http://c/v1/traces", otlp_headers={"X-Honeycomb-Team": "k"}))
    assert problem.startswith(f"parameter {PATH}/honeycomb/endpoint holds no usable value (")
    assert problem.endswith("expected https://host[:port]): write it again")
    assert "hush" not in problem
