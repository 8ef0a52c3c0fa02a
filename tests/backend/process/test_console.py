"""Spans on standard output, for a first look."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.backend.process.backend_process import GUNICORN, started
from tests.backend.tracing.servers import Answer, http_server

REQUESTS = 60
HOME = "/api/activities/home"


@pytest.mark.parametrize("worker_class", ["gthread", "gevent"])
def test_the_console_alone(tmp_path: Path, worker_class: str) -> None:
    """One setting prints each span as a line of JSON, whole, between the log's lines; nothing is sent."""
    environment = {
        "GUNICORN_WORKER_CLASS": worker_class,
        "GUNICORN_WORKERS": "1",
        "OTEL_TRACES_EXPORTER": "console",
        "DEMO_ROUTES": "true",
    }
    with started(GUNICORN, tmp_path, environment) as backend:
        backend.wait_until_serving()
        paths = [HOME, "/demo/failure"] * (REQUESTS // 2)
        with ThreadPoolExecutor(6) as clients:
            statuses = [answer.status_code for answer in clients.map(backend.get, paths)]
        assert statuses == [200, 500] * (REQUESTS // 2)
        assert backend.stop() == 0
        lines = backend.stdout.read_text().splitlines()
    documents = [json.loads(line) for line in lines]
    spans = [document for document in documents if "context" in document]
    names = [span["name"] for span in spans]
    assert names.count(f"GET {HOME}") == REQUESTS // 2
    assert names.count("GET /demo/failure") == REQUESTS // 2
    (end,) = [line for line in documents if str(line.get("message", "")).startswith("tracing stopped")]
    assert end["sinks"] == {"console": {"sent": len(spans), "dropped": {}}}
    assert end["recorded"] == len(spans)


def test_beside_otlp(tmp_path: Path) -> None:
    """`otlp,console` is both: each span once in each."""
    with http_server(lambda _: Answer()) as back_end:
        environment = {
            "GUNICORN_WORKERS": "1",
            "OTEL_TRACES_EXPORTER": "otlp,console",
            "OTEL_EXPORTER_OTLP_ENDPOINT": back_end.url,
        }
        with started(GUNICORN, tmp_path, environment) as backend:
            backend.wait_until_serving()
            backend.get(HOME)
            status = backend.get("/health/tracing").json()
            assert set(status["sinks"]) == {"honeycomb", "console"}
            assert backend.stop() == 0
            (end,) = [line for line in backend.log() if "tracing stopped" in str(line.get("message"))]
    expected = {"sent": end["recorded"], "dropped": {}}
    assert end["sinks"] == {"honeycomb": expected, "console": expected}
    assert back_end.requests
