"""The settings of tracing."""

import http.client
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from services.tracing.daemon_address import DaemonAddress
from services.tracing.errors import TracingSettingsError
from services.tracing.key_values import parse_headers
from services.tracing.sending.queue_bounds import QueueBounds
from services.tracing.settings import TracingSettings


def read(**environment: str) -> TracingSettings:
    """Read the settings from these variables alone."""
    return TracingSettings.from_environment(environment)


def test_nothing_set_is_tracing_off_without_aws() -> None:
    """Every variable is optional; empty ones count as not set."""
    settings = read(AWS_REGION="", TRACING_PARAMETER_PATH=" ")
    assert settings == TracingSettings()
    assert settings.daemon == DaemonAddress(("127.0.0.1", 2000), ("127.0.0.1", 2000))


def test_all_is_read() -> None:
    """The variables of the contract, the resource's names included."""
    settings = read(
        AWS_DEFAULT_REGION="eu-west-1",
        AWS_ENDPOINT_URL="http://127.0.0.1:4566/",
        AWS_ENDPOINT_URL_SSM="http://ssm.local",
        AWS_XRAY_DAEMON_ADDRESS="tcp:10.0.0.1:3000 udp:10.0.0.2:3001",
        OTEL_SERVICE_NAME="cruddur",
        OTEL_RESOURCE_ATTRIBUTES="service.version=1.2%2C3,team=a b",
        OTEL_EXPORTER_OTLP_HEADERS="x-honeycomb-team=secret-key,a=1",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS="a=2",
        OTEL_TRACES_SAMPLER="parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG="0.25",
        TRACING_PARAMETER_PATH="/cruddur/dev/backend-flask/",
        TRACING_REQUIRED="True",
    )
    assert settings.region == "eu-west-1"
    assert settings.ssm_endpoint_url == "http://ssm.local"
    assert settings.xray_endpoint_url == "http://127.0.0.1:4566"
    assert settings.daemon == DaemonAddress(udp=("10.0.0.2", 3001), tcp=("10.0.0.1", 3000))
    assert settings.service_version == "1.2,3"
    assert settings.deployment_environment == "dev"
    assert settings.otlp_headers == {"x-honeycomb-team": "secret-key", "a": "2"}
    assert settings.sampler_ratio == 0.25
    assert settings.parameter_path == "/cruddur/dev/backend-flask"
    assert settings.required


def test_headers_are_out_of_repr() -> None:
    """A header may hold the key, so that none is shown."""
    assert "secret" not in repr(read(OTEL_EXPORTER_OTLP_HEADERS="x-honeycomb-team=secret"))


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.io"}, "https://api.honeycomb.io/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.io/"}, "https://api.honeycomb.io/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/base/"}, "http://c:4318/base/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/traces/"}, "http://c/traces/"),
        (
            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a/t", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b"},
            "http://a/t",
        ),
        ({}, None),
    ],
)
def test_the_endpoint_is_a_base_with_or_without_slash(variables: dict[str, str], url: str | None) -> None:
    """A base URL gets the path, a traces endpoint is used as it is."""
    assert read(**variables).otlp_traces_url == url


def test_every_problem_is_listed() -> None:
    """One error names all variables that can't be used, and repeats no header."""
    with pytest.raises(TracingSettingsError) as caught:
        read(
            AWS_ENDPOINT_URL="127.0.0.1:4566",
            AWS_XRAY_DAEMON_ADDRESS="localhost",
            OTEL_RESOURCE_ATTRIBUTES="novalue",
            OTEL_EXPORTER_OTLP_ENDPOINT="grpc://c:4317",
            OTEL_EXPORTER_OTLP_HEADERS="sEcReT",
            OTEL_TRACES_SAMPLER="sometimes",
            TRACING_PARAMETER_PATH="cruddur",
            TRACING_REQUIRED="yes",
        )
    named = [problem.partition(":")[0] for problem in caught.value.problems]
    assert set(named) == {
        "AWS_ENDPOINT_URL",
        "AWS_XRAY_DAEMON_ADDRESS",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_TRACES_SAMPLER",
        "TRACING_PARAMETER_PATH",
        "TRACING_REQUIRED",
    }
    assert len(named) == len(set(named))
    assert "sEcReT" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "host",
        "host:",
        "host:0",
        "host:65536",
        "tcp:a:1",
        "tcp:a:1 tcp:b:2",
        "tcp:a:1 udp:b:2 udp:c:3",
        "a:²",
    ],
)
def test_other_daemon_addresses_are_refused(address: str) -> None:
    """Only the two forms of the X-Ray SDKs are taken, and the message shows them."""
    with pytest.raises(ValueError, match='"host:port" or "tcp:host:port udp:host:port"'):
        DaemonAddress.parse(address)


def test_an_ipv6_address_may_be_bracketed() -> None:
    """The brackets belong to the notation."""
    assert DaemonAddress.parse("[::1]:2000").udp == ("::1", 2000)


def test_the_ratio_counts_only_for_ratio_samplers() -> None:
    """An argument that a sampler has no use for is none of our business; one that is wrong is a problem."""
    assert read(OTEL_TRACES_SAMPLER="always_on", OTEL_TRACES_SAMPLER_ARG="x").sampler_ratio == 1
    with pytest.raises(TracingSettingsError, match="a number from 0 to 1"):
        read(OTEL_TRACES_SAMPLER="traceidratio", OTEL_TRACES_SAMPLER_ARG="1.5")


def test_required_needs_a_path() -> None:
    """Nothing could be required without resources to read."""
    with pytest.raises(TracingSettingsError, match="TRACING_PARAMETER_PATH is not set"):
        read(TRACING_REQUIRED="true")


@pytest.mark.parametrize(
    "name",
    [
        *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL_XRAY"),
        *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        *(f"https://user:{'hush'}@host", "https://hush@host", "https://host/?key=hush", "https://host/#hush"),
        *("https://user:hush", "hush:4317", "https://[hush", "https://ho st/hush", "https://host/\nhush"),
    ],
)
def test_urls_with_what_may_be_secret_are_refused(name: str, url: str) -> None:
    """They would be shown in logs and problems; a query breaks the URL. The message repeats nothing."""
    with pytest.raises(TracingSettingsError, match="expected https://host") as caught:
        read(**{name: url})
    (problem,) = caught.value.problems
    assert problem.startswith(f"{name}: ")
    assert "hush" not in problem


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("x-key=%D0%BA%D0%BB%D1%8E%D1%87", "more than ASCII"),
        ("bad name=x", "the name of header 1"),
        ("caf%C3%A9=x", "the name of header 1"),
        ("a=1,b%3A=2", "the name of header 2"),
        ("x-honeycomb-team=", "x-honeycomb-team is empty"),
        ("X-Honeycomb-Team= ", "x-honeycomb-team is empty"),
        *(
            (f"{name}=3", f"{name.lower()} can't be set")
            for name in ("Host", "content-length", "Content-Type", "content-encoding", "connection")
        ),
        ("Transfer-Encoding=chunked", "transfer-encoding can't be set"),
    ],
)
@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"])
def test_headers_that_http_cannot_carry_are_refused(variable: str, header: str, named: str) -> None:
    """At the start, not with every batch; the message has no value in it."""
    with pytest.raises(TracingSettingsError) as caught:
        read(**{variable: header})
    (problem,) = caught.value.problems
    assert problem.startswith(f"{variable}: ")
    assert named in problem
    assert "\u043a\u043b\u044e\u0447" not in problem


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_header_that_is_taken_can_be_sent(name: str, value: str) -> None:
    """Whatever is percent-encoded: it is refused, or it is a header that HTTP carries."""
    try:
        headers = parse_headers(f"{quote(name, safe='')}={quote(value, safe='')}")
    except ValueError:
        return
    request = requests.Request("POST", "http://127.0.0.1/", headers=headers).prepare()
    for header, sent in request.headers.items():
        connection = http.client.HTTPConnection("127.0.0.1")
        connection.putrequest("POST", "/")
        connection.putheader(header, sent)


def test_otlp_is_sent_as_the_standard_variables_say() -> None:
    """Those of traces go before the general ones; times are milliseconds, as the specification has them."""
    general = {
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
        "OTEL_BSP_MAX_QUEUE_SIZE": "100",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    settings = read(**general)
    assert (settings.is_compressed, settings.otlp_timeout_seconds) == (True, 2.5)
    assert settings.queue == QueueBounds(100, 100, 0.2)
    settings = read(
        **general,
        OTEL_EXPORTER_OTLP_TRACES_COMPRESSION="none",
        OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="300",
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE="10",
    )
    assert (settings.is_compressed, settings.otlp_timeout_seconds) == (False, 0.3)
    assert settings.queue == QueueBounds(100, 10, 0.2)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "zstd"}, "expected one of gzip, none"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "10"}, "'10' is no time in milliseconds; expected"),
        ({"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "10s"}, "a whole number from 100 to 300000"),
        ({"OTEL_TRACES_EXPORTER": "none,console"}, "none alone, or without it"),
        ({"OTEL_TRACES_EXPORTER": ","}, "names nothing; expected some of otlp, console, none"),
        ({"OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "none,aws_ec2"}, "none alone, or without it"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "0"}, "a whole number from 1 to 131072"),
        ({"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "9000"}, "a whole number from 1 to 8192"),
        ({"OTEL_BSP_SCHEDULE_DELAY": "1"}, "a whole number from 10 to 60000"),
        (
            {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "600", "OTEL_BSP_MAX_QUEUE_SIZE": "500"},
            "the queue has room for 500",
        ),
        ({"OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere.pem"}, "can't be read (No such file or directory)"),
        ({"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": "/"}, "can't be read (Is a directory)"),
        ({"OTEL_EXPORTER_OTLP_CERTIFICATE": "/dev/null"}, "holds no certificate; expected a PEM file"),
    ],
)
def test_standard_variables_are_refused_where_they_are_wrong(
    variables: dict[str, str], expected: str
) -> None:
    """Each names itself, and what it expects."""
    with pytest.raises(TracingSettingsError) as caught:
        read(**variables)
    (problem,) = caught.value.problems
    assert next(iter(variables)) in problem
    assert expected in problem
