"""`flask run` with nothing but the usual OpenTelemetry variables."""

import gzip
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.backend.process.backend_process import flask_run, free_port, started


class Received(NamedTuple):
    """One request for spans."""

    path: str
    team: str | None
    document: ExportTraceServiceRequest


class Receiver(ThreadingHTTPServer):
    """Takes OTLP over HTTP and keeps it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Received] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Keep the spans."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        document = ExportTraceServiceRequest.FromString(body)
        self.server.received.append(Received(self.path, self.headers.get("x-honeycomb-team"), document))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the tests' output clean."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An OTLP receiver on loopback."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_spans_arrive(tmp_path: Path, receiver: Receiver, slash: str, number: signal.Signals) -> None:
    """What is still queued when the process is told to stop arrives, at the base URL's /v1/traces."""
    port = free_port()
    environment = {
        "OTEL_SERVICE_NAME": "cruddur",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver.server_port}{slash}",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=a-key",
    }
    with started(flask_run(port), tmp_path, environment, port=port) as backend:
        backend.wait_until_serving()
        assert backend.get("/api/activities/home").headers["X-Amzn-Trace-Id"].startswith("Root=1-")
        assert backend.stop(number) == 0
        assert "Traceback" not in backend.output()
        assert "a-key" not in backend.output()
    assert {(request.path, request.team) for request in receiver.received} == {("/v1/traces", "a-key")}
    resources = [spans for request in receiver.received for spans in request.document.resource_spans]
    for resource in resources:
        names = {item.key: item.value.string_value for item in resource.resource.attributes}
        assert names["service.name"] == "cruddur"
    [span] = [
        span
        for resource in resources
        for scope in resource.scope_spans
        for span in scope.spans
        if span.name == "home-activities"
    ]
    assert {item.key for item in span.attributes} >= {"app.now", "app.received.date", "app.result_length"}


def test_runs_with_nothing_at_all(tmp_path: Path) -> None:
    """Without any variable the backend serves."""
    port = free_port()
    with started(flask_run(port), tmp_path, {}, port=port) as backend:
        backend.wait_until_serving()
        assert backend.get("/api/activities/home").status_code == 200
        assert backend.stop() == 0
