"""Tracing's life in a real process: start, late start, fork, stop."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.backend.tracing.cloud import KEY, NAME, PATH, Cloud, aws_error, cloud
from tests.backend.tracing.servers import WAIT_SECONDS, Answer, HttpServer, http_server, udp_receiver

PROCESS = Path(__file__).with_name("process.py")
BACKEND = Path(__file__).parents[3] / "backend-flask"


class Driven:
    """The process under test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def read(self) -> Any:
        """Return the next answer."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def ask(self, line: str) -> Any:
        """Send a line and return its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.read()


@contextmanager
def driven(program: Path = PROCESS, /, **environment: str) -> Iterator[Driven]:
    """Run the program with these variables, and end it as a process ends normally: with its input."""
    variables = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    variables |= {"PYTHONPATH": str(BACKEND), **environment}
    with subprocess.Popen(
        [sys.executable, str(program)],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Driven(process)
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)
        finally:
            process.kill()


def leading_to(aws: Cloud, daemon: tuple[str, int], **more: str) -> dict[str, str]:
    """Return the variables of a backend whose cloud is `aws`."""
    host, port = daemon
    return {
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": aws.server.url,
        "AWS_XRAY_DAEMON_ADDRESS": f"tcp:127.0.0.1:{aws.server.address[1]} udp:{host}:{port}",
        "TRACING_PARAMETER_PATH": PATH,
        "UPSTREAM": f"{aws.server.url}/upstream",
        **more,
    }


def spans_of(server: HttpServer) -> list[tuple[str, Span]]:
    """Return what arrived as OTLP: the service's name and the span."""
    found = []
    for request in server.requests:
        for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans:
            names = [a.value.string_value for a in resource.resource.attributes if a.key == "service.name"]
            found += [(names[0], span) for scope in resource.scope_spans for span in scope.spans]
    return found


def test_a_request_is_in_both_sinks_with_the_same_ids() -> None:
    """Loaded at start, decided by the rules, recorded once, sent twice, nothing lost at the end."""
    with (
        http_server(lambda _: Answer()) as honeycomb,
        cloud(honeycomb.url) as aws,
        udp_receiver() as daemon,
        driven(**leading_to(aws, daemon.getsockname())) as process,
    ):
        loaded = process.read()
        answer = process.ask("get /api")
        process.ask("stop")
        documents = [json.loads(daemon.recv(65_536).partition(b"\n")[2]) for _ in range(3)]
    assert loaded["mode"] == "direct"
    assert loaded["group"]["name"] == NAME
    assert loaded["parameters"]["honeycomb/api-key"] == {
        "version": 3,
        "last_modified": "2026-11-18T11:06:40+00:00",
    }
    assert [rule["name"] for rule in loaded["rules"]] == ["cruddur-local-health", NAME, "Default"]
    assert KEY not in json.dumps(loaded)
    sent = spans_of(honeycomb)
    assert {name for name, _ in sent} == {NAME}
    assert {span.name for _, span in sent} == {"GET /api", "work", "POST"}
    assert {span.span_id.hex() for _, span in sent} == {document["id"] for document in documents}
    assert {f"Root={document['trace_id']}" for document in documents} == {answer["header"]}
    assert honeycomb.requests[0].headers["x-honeycomb-team"] == KEY
    upstream = next(request for request in aws.server.requests if request.path == "/upstream")
    post = next(span for _, span in sent if span.name == "POST")
    assert f"Parent={post.span_id.hex()};Sampled=1" in upstream.headers["x-amzn-trace-id"]


def test_our_own_calls_are_no_spans() -> None:
    """Neither SSM nor X-Ray nor Honeycomb shows in a trace."""
    with (
        http_server(lambda _: Answer()) as honeycomb,
        cloud(honeycomb.url) as aws,
        udp_receiver() as daemon,
        driven(**leading_to(aws, daemon.getsockname())) as process,
    ):
        process.read()
        process.ask("get /api")
    assert {span.name for _, span in spans_of(honeycomb)} == {"GET /api", "work", "POST"}
    assert all("x-amzn-trace-id" not in request.headers for request in honeycomb.requests)


def test_what_is_missing_stops_a_start_that_requires_it() -> None:
    """Every problem is told, and the process may end."""
    with cloud() as aws:
        del aws.parameters["honeycomb/api-key"]
        aws.failures["/GetSamplingRules"] = aws_error("AccessDeniedException")
        with driven(**leading_to(aws, ("127.0.0.1", 9), TRACING_REQUIRED="true")) as process:
            problems = process.read()["required"]
            assert process.process.wait(WAIT_SECONDS) == 4
    assert "honeycomb/api-key is missing" in problems[0]
    assert "allow xray:GetSamplingRules" in problems[1]


def test_what_is_missing_is_tried_again_where_it_is_not_required() -> None:
    """Until then requests are served untraced; afterwards they are traced without a restart."""
    with http_server(lambda _: Answer()) as honeycomb, cloud(honeycomb.url) as aws, udp_receiver() as daemon:
        key = aws.parameters.pop("honeycomb/api-key")
        with driven(**leading_to(aws, daemon.getsockname(), RETRY_SECONDS="0.01")) as process:
            assert "honeycomb/api-key is missing" in process.read()["problems"][0]
            assert process.ask("get /api") == {"status": 200, "header": None}
            aws.parameters["honeycomb/api-key"] = key
            until = time.monotonic() + WAIT_SECONDS
            while process.ask("status")["loaded_at"] is None:
                assert time.monotonic() < until
                time.sleep(0.02)
            assert process.ask("status")["problems"] == []
            assert process.ask("get /api")["header"]
    assert [span.name for _, span in spans_of(honeycomb)].count("GET /api") == 1


def test_an_endpoint_that_is_not_awss_is_tried_again() -> None:
    """A page with 200 in AWS's place is a problem like others: the loop goes on until AWS answers."""
    with http_server(lambda _: Answer()) as honeycomb, cloud(honeycomb.url) as aws, udp_receiver() as daemon:
        for call in ("AmazonSSM.GetParametersByPath", "/GetSamplingRules", "/GetGroup"):
            aws.failures[call] = Answer(200, b"{}")
        with driven(**leading_to(aws, daemon.getsockname(), RETRY_SECONDS="0.01")) as process:
            expected = f"{aws.server.url} answered what AWS doesn't (KeyError): correct AWS_ENDPOINT_URL"
            assert process.read()["problems"] == [
                f"ssm:GetParametersByPath: {expected}",
                f"xray:GetSamplingRules: {expected}",
            ]
            aws.server.wait_for(5)
            aws.failures.clear()
            until = time.monotonic() + WAIT_SECONDS
            while process.ask("status")["loaded_at"] is None:
                assert time.monotonic() < until
                time.sleep(0.02)
            assert process.ask("status")["problems"] == []


def test_a_forked_child_records_for_itself() -> None:
    """Its spans arrive, and the parent's pipeline works on."""
    with (
        http_server(lambda _: Answer()) as honeycomb,
        cloud(honeycomb.url) as aws,
        udp_receiver() as daemon,
        driven(**leading_to(aws, daemon.getsockname())) as process,
    ):
        process.read()
        assert process.ask("fork") == 0
        process.ask("get /api")
    assert [span.name for _, span in spans_of(honeycomb)].count("GET /api") == 2


def test_without_a_path_the_usual_variables_are_enough() -> None:
    """No AWS call, the name from OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER's default."""
    with cloud() as aws, http_server(lambda _: Answer()) as back_end:
        variables = {
            "UPSTREAM": f"{aws.server.url}/upstream",
            "AWS_ENDPOINT_URL": aws.server.url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"{back_end.url}/",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=abc",
            "OTEL_SERVICE_NAME": "mine",
        }
        with driven(**variables) as process:
            assert process.read()["mode"] == "otlp"
            process.ask("get /api")
        assert [request.path for request in aws.server.requests] == ["/upstream"]
    assert {name for name, _ in spans_of(back_end)} == {"mine"}
    assert back_end.requests[0].path == "/v1/traces"
    assert back_end.requests[0].headers["x-honeycomb-team"] == "abc"


def test_off_is_off() -> None:
    """Without path and endpoint nothing is recorded and no header added."""
    with driven(UPSTREAM="http://127.0.0.1:9/") as process:
        status = process.read()
        assert process.ask("get /nothing") == {"status": 404, "header": None}
    assert status["mode"] == "off"
    assert status["queue"] == {"size": 0, "capacity": 8192, "recorded": 0, "dropped": 0, "causes": {}}
