"""The TCP port."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest
from aws_xray_sdk.core.sampling.connector import ServiceConnector
from aws_xray_sdk.core.sampling.sampling_rule import SamplingRule

from localcloud.daemon.connection import Answer
from localcloud.daemon.http_server import BODY_MAX_BYTES, Request

from .conftest import Endpoint, LoopThread, Running, json_answer, running
from .test_daemon import assert_signed

RULE = {
    "RuleName": "cruddur",
    "RuleARN": "arn:aws:xray:us-east-1:123456789012:sampling-rule/cruddur",
    "ResourceARN": "*",
    "Priority": 9000,
    "FixedRate": 0.1,
    "ReservoirSize": 5,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
    "Attributes": {},
}


@pytest.fixture
def client(daemon: Running) -> Iterator[http.client.HTTPConnection]:
    """A connection to the TCP port."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.daemon.port, timeout=20)
    yield connection
    connection.close()


def test_aws_xray_sdk_reads_rules_and_targets(daemon: Running, endpoint: Endpoint) -> None:
    """The SDK's sampler, which doesn't sign, gets through to GetSamplingRules and GetSamplingTargets."""
    now = int(time.time())

    def answer(request: Request) -> Answer:
        if request.target == "/GetSamplingRules":
            return json_answer({"SamplingRuleRecords": [{"SamplingRule": RULE, "CreatedAt": now}]})
        target = {"RuleName": "cruddur", "FixedRate": 0.1, "ReservoirQuota": 5, "ReservoirQuotaTTL": now}
        return json_answer({"SamplingTargetDocuments": [target], "LastRuleModification": now})

    endpoint.answer = answer
    connector = ServiceConnector()
    host, port = daemon.address.split(":")
    connector.setup_xray_client(ip=host, port=port, client=None)
    try:
        rules: list[SamplingRule] = connector.fetch_sampling_rules()
        assert [rule.name for rule in rules] == ["cruddur"]
        targets, modified = connector.fetch_sampling_target(rules)
    finally:
        connector._xray_client.close()
    assert targets["cruddur"]["quota"] == 5
    assert modified == now
    assert [request.target for request in endpoint.requests] == ["/GetSamplingRules", "/SamplingTargets"]
    for request in endpoint.requests:
        assert_signed(request, endpoint.url)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/any/path?b=2&a=%2F1", "//double/../dots", "/a%20b"])
def test_any_request_goes_on_signed(
    client: http.client.HTTPConnection, endpoint: Endpoint, method: str, path: str
) -> None:
    """Method, path, query and body arrive as they were sent, with a signature of the daemon's own."""
    client.request(
        method, path, b"body", {"Authorization": "theirs", "X-Amz-Security-Token": "theirs", "X-Other": "1"}
    )
    client.getresponse().read()
    request = endpoint.requests[0]
    assert (request.method, request.target, request.body) == (method, path, b"body")
    headers = {name.decode().lower(): value.decode() for name, value in request.headers}
    assert "x-amz-security-token" not in headers
    assert headers["x-other"] == "1"
    assert_signed(request, endpoint.url)


def test_the_answer_comes_back_as_it_is(client: http.client.HTTPConnection, endpoint: Endpoint) -> None:
    """Status, headers and body are the endpoint's; what concerns one connection alone is not passed on."""
    endpoint.answer = lambda _: Answer(
        429,
        [
            (b"X-Amzn-ErrorType", b"ThrottledException"),
            (b"X-Twice", b"1"),
            (b"X-Twice", b"2"),
            (b"Connection", b"X-Hop"),
            (b"X-Hop", b"1"),
        ],
        b'{"message":"slow down"}',
    )
    client.request("POST", "/SamplingTargets", b"{}", {"Connection": "X-Gone", "X-Gone": "1"})
    response = client.getresponse()
    assert (response.status, response.read()) == (429, b'{"message":"slow down"}')
    assert response.headers["X-Amzn-ErrorType"] == "ThrottledException"
    assert response.headers.get_all("X-Twice") == ["1", "2"]
    assert "X-Hop" not in response.headers
    assert b"x-gone" not in {name.lower() for name, _ in endpoint.requests[0].headers}


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_keep_the_connection(
    client: http.client.HTTPConnection, endpoint: Endpoint, method: str, status: int
) -> None:
    """Two such requests in a row work on one connection."""
    endpoint.answer = lambda _: Answer(status, [(b"X-Seen", b"1")])
    for _ in range(2):
        client.request(method, "/")
        response = client.getresponse()
        assert (response.status, response.read()) == (status, b"")
        assert response.headers["X-Seen"] == "1"


def test_a_kept_connection_that_the_endpoint_closed_is_replaced(
    client: http.client.HTTPConnection, endpoint: Endpoint, thread: LoopThread
) -> None:
    """An idle connection that has ended meanwhile costs no request."""
    for _ in range(3):
        client.request("GET", "/")
        assert client.getresponse().read() == b'{"UnprocessedTraceSegments": []}'
        thread.run(endpoint.drop_connections())
    assert endpoint.connections == 3


def test_an_endpoint_that_is_down_gives_502(thread: LoopThread) -> None:
    """The client learns that the gateway, not X-Ray, failed; the next request is served again."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with running(thread, f"http://127.0.0.1:{unused.getsockname()[1]}") as daemon:
            connection = http.client.HTTPConnection("127.0.0.1", daemon.daemon.port, timeout=20)
            for _ in range(2):
                connection.request("POST", "/SamplingTargets", b"{}")
                response = connection.getresponse()
                assert (response.status, response.read()) == (502, b"")
            connection.close()
            assert daemon.stop()["proxy_failed.connection_refused"] == 2


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n", b"400"),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 70_000, b"431"),
    ],
    ids=["no HTTP", "no host", "CONNECT", "OPTIONS *", "bad length", "endless target"],
)
def test_what_is_no_request_is_refused(
    daemon: Running, endpoint: Endpoint, sent: bytes, status: bytes
) -> None:
    """Nothing of it reaches the endpoint, and the daemon goes on."""
    with socket.create_connection(("127.0.0.1", daemon.daemon.port), timeout=20) as raw:
        raw.sendall(sent)
        assert raw.recv(64).startswith(b"HTTP/1.1 " + status)
    assert endpoint.requests == []


def test_absolute_targets_go_to_the_endpoint_alone(daemon: Running, endpoint: Endpoint) -> None:
    """A request for another host doesn't make the daemon call that host."""
    with socket.create_connection(("127.0.0.1", daemon.daemon.port), timeout=20) as raw:
        raw.sendall(b"GET http://example.com/path?q=1 HTTP/1.1\r\nHost: example.com\r\n\r\n")
        assert raw.recv(64).startswith(b"HTTP/1.1 200")
    assert endpoint.requests[0].target == "/path?q=1"


def test_a_body_over_the_limit_gets_413(client: http.client.HTTPConnection, endpoint: Endpoint) -> None:
    """Eight MiB pass, one byte more does not."""
    client.request("POST", "/", b"x" * BODY_MAX_BYTES)
    assert client.getresponse().read()
    client.request("POST", "/", b"x" * (BODY_MAX_BYTES + 1))
    assert client.getresponse().status == 413
    assert len(endpoint.requests) == 1


def test_a_client_may_ask_before_it_sends_its_body(daemon: Running, endpoint: Endpoint) -> None:
    """Expect: 100-continue is answered, and not passed on."""
    with socket.create_connection(("127.0.0.1", daemon.daemon.port), timeout=20) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert raw.recv(64).startswith(b"HTTP/1.1 100")
        raw.sendall(b"{}")
        assert raw.recv(64).startswith(b"HTTP/1.1 200")
    assert endpoint.requests[0].body == b"{}"
    assert b"expect" not in {name.lower() for name, _ in endpoint.requests[0].headers}
