"""Requests that gunicorn refuses before the application sees them."""

import json
import socket
from pathlib import Path

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.backend.process.backend_process import GUNICORN, BackendProcess, started
from tests.backend.tracing.servers import Answer, HttpServer, http_server


@pytest.mark.parametrize("worker_class", ["gthread", "gevent", "sync"])
def test_every_error_is_json(tmp_path: Path, worker_class: str) -> None:
    """The application answers as long as gunicorn can be told to read; beyond, the form stays the same."""
    with (
        http_server(lambda _: Answer()) as back_end,
        started(GUNICORN, tmp_path, environment(worker_class, back_end)) as backend,
    ):
        backend.wait_until_serving()
        assert f"Using worker: {worker_class}" in backend.output()
        for length in (5000, 8000):
            long = backend.get(f"/api/activities/@{'a' * length}")
            assert long.status_code in {400, 404, 422}
            assert "Root=1-" in long.headers["X-Amzn-Trace-Id"]
            assert "error" in long.json()
        assert_refused(backend.get(f"/api/activities/@{'a' * 9000}"), 414, "request_uri_too_long")
        header = {"X-Long": "a" * 9000}
        assert_refused(
            requests.get(backend.url("/health"), headers=header, timeout=10),
            431,
            "request_header_fields_too_large",
        )
        for request in (b"GET /<hush>\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nhush hush: x\r\n\r\n"):
            status, document = send(backend, request)
            assert status == 400
            assert document == {"error": {"code": "bad_request", "message": "the request is malformed"}}
        assert backend.get("/health").ok
        assert backend.stop() == 0
    traced = [path for path in traced_paths(back_end) if path != "/health"]
    assert sorted(map(len, traced)) == [5017, 8017]


def environment(worker_class: str, back_end: HttpServer) -> dict[str, str]:
    """Return the variables of one traced worker."""
    return {
        "GUNICORN_WORKER_CLASS": worker_class,
        "GUNICORN_WORKERS": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": back_end.url,
    }


def traced_paths(back_end: HttpServer) -> list[str]:
    """Return the path of each request that was traced."""
    return [
        attribute.value.string_value
        for request in back_end.requests
        for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
        for attribute in span.attributes
        if attribute.key == "url.path"
    ]


def assert_refused(response: requests.Response, status: int, code: str) -> None:
    """It is the API's error form, which gunicorn's own answers are in, and has no trace."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Connection"] == "close"
    assert response.json()["error"]["code"] == code
    assert "X-Amzn-Trace-Id" not in response.headers


def send(backend: BackendProcess, request: bytes) -> tuple[int, object]:
    """Send bytes that no client library would, and return status and JSON."""
    with socket.create_connection(("127.0.0.1", backend.port), timeout=10) as client:
        client.sendall(request)
        with client.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)
