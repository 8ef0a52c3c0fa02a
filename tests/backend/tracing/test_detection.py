"""Where the process runs, told by the places' own signs: a metadata server on loopback, files."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource

from services.tracing.segments import segment_documents
from services.tracing.settings import TracingSettings
from services.tracing.startup import detection
from services.tracing.startup.resource import make_resource, service_type_of
from tests.backend.tracing.spans import make_span

TASK = "arn:aws:ecs:eu-central-1:123456789012:task/cruddur/158d1c8083dd49d6b527399fd6414f5c"
CONTAINER = "arn:aws:ecs:eu-central-1:123456789012:container/05966557-f16c-49cb-9352-24b3a0dcd0e1"
DOCUMENTS: dict[str, Any] = {
    "/v4/1": {
        "ContainerARN": CONTAINER,
        "LogDriver": "awslogs",
        "LogOptions": {"awslogs-group": "/cruddur", "awslogs-region": "eu-central-1", "awslogs-stream": "s"},
    },
    "/v4/1/task": {
        "TaskARN": TASK,
        "Cluster": "cruddur",
        "LaunchType": "FARGATE",
        "Family": "backend",
        "Revision": "7",
    },
}


@contextmanager
def metadata(answer: Callable[[str], bytes]) -> Iterator[str]:
    """Serve a metadata endpoint on loopback; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answer(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v4/1"
        finally:
            server.shutdown()
            thread.join()


def test_ecs_is_detected_where_its_variable_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Task, cluster and launch type are the metadata server's; the segment says where it was made."""
    with metadata(lambda path: json.dumps(DOCUMENTS[path]).encode()) as url:
        monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", url)
        resource = make_resource(TracingSettings(service_name="s"), None)
    attributes = dict(resource.attributes)
    assert attributes["cloud.platform"] == "aws_ecs"
    assert attributes["aws.ecs.task.arn"] == TASK
    assert (attributes["cloud.region"], attributes["cloud.account.id"]) == ("eu-central-1", "123456789012")
    assert attributes["service.name"] == "s"
    assert service_type_of(resource) == "AWS::ECS::Container"
    span = make_span()
    span._resource = resource
    [document] = segment_documents(span)
    assert document["origin"] == "AWS::ECS::Fargate"
    assert document["aws"]["account_id"] == "123456789012"
    assert document["aws"]["ecs"]["task_arn"] == TASK
    assert document["aws"]["cloudwatch_logs"][0]["log_group"] == "/cruddur"


def test_the_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What OTEL_RESOURCE_ATTRIBUTES says goes before what was detected."""
    with metadata(lambda path: json.dumps(DOCUMENTS[path]).encode()) as url:
        monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", url)
        given = {"aws.ecs.task.arn": "mine", "service.instance.id": "one"}
        resource = make_resource(TracingSettings(resource_attributes=given), "group")
    assert {name: resource.attributes[name] for name in given} == given
    assert resource.attributes["service.name"] == "group"


def test_what_fails_is_one_line(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A metadata server that answers nonsense costs its attributes and nothing else."""
    with metadata(lambda _: b"<html>") as url:
        monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", url)
        assert detection.detect(None) == {}
    lines = [record.getMessage() for record in caplog.records if record.name == detection.__name__]
    assert len(lines) == 1
    assert "aws_ecs failed (JSONDecodeError" in lines[0]


def test_what_does_not_answer_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The start doesn't wait for a server that never answers."""
    over = threading.Event()

    def hang(_: str) -> bytes:
        assert over.wait(30)
        return b""

    monkeypatch.setattr(detection, "DETECTION_MAX_SECONDS", 0.05)
    with metadata(hang) as url:
        monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", url)
        try:
            assert detection.detect(("aws_ecs",)) == {}
        finally:
            over.set()
    assert "aws_ecs did not answer within 0.05 s" in caplog.text


@pytest.mark.parametrize("wanted", [("none",), ()])
def test_none_asks_nothing(monkeypatch: pytest.MonkeyPatch, wanted: tuple[str, ...]) -> None:
    """Where detectors are named, no others run."""
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", "http://127.0.0.1:9/")
    assert detection.detect(wanted) == {}


def test_ec2_is_asked_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default nothing goes to the network."""
    files = {name: Path("/nowhere") for name in ("_EKS_TOKEN", "_BEANSTALK_FILE")}
    for name, path in files.items():
        monkeypatch.setattr(detection, name, path)
    monkeypatch.delenv("ECS_CONTAINER_METADATA_URI_V4", raising=False)
    assert detection._present() == ()


def test_each_process_is_an_instance() -> None:
    """Two workers of one service can be told apart."""
    first, second = (make_resource(TracingSettings(service_name="s"), None) for _ in range(2))
    assert first.attributes["service.instance.id"] != second.attributes["service.instance.id"]


def test_beanstalks_words_are_the_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its detector's name for the service isn't used, deployment and version are."""
    found = {
        "cloud.platform": "aws_elastic_beanstalk",
        "service.name": "aws_elastic_beanstalk",
        "service.instance.id": 17,
        "service.version": "v9",
    }
    monkeypatch.setattr("services.tracing.startup.resource.detect", lambda _: dict(found))
    resource = make_resource(TracingSettings(service_name="s"), None)
    assert resource.attributes["service.name"] == "s"
    assert resource.attributes["service.version"] == "v9"
    span = make_span()
    span._resource = resource
    [document] = segment_documents(span)
    assert document["aws"]["elastic_beanstalk"] == {"deployment_id": 17, "version_label": "v9"}


def test_elsewhere_the_type_is_empty() -> None:
    """Rules for a type don't match a process of which none is known."""
    assert service_type_of(Resource({"cloud.platform": "gcp_cloud_run"})) == ""
    assert service_type_of(Resource({})) == ""
