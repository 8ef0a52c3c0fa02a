"""The backend under gunicorn, without AWS."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from moto.server import ThreadedMotoServer

from settings import DEFAULT_MAX_BODY_BYTES
from tests.backend.process.backend_process import GUNICORN, BackendProcess, free_port, started

KINDS = [
    pytest.param("gthread", (), id="gthread"),
    pytest.param("gthread", ("--preload",), id="gthread-preload"),
    pytest.param("gevent", (), id="gevent"),
    pytest.param("gevent", ("--preload",), id="gevent-preload"),
    pytest.param("gthread", ("-k", "gevent", "--preload"), id="gevent-by-command-line-preload"),
    pytest.param("sync", (), id="sync"),
]
CLOSED_PORT_URL = "http://127.0.0.1:9"
UNREACHABLE = {
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": CLOSED_PORT_URL,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "TRACING_PARAMETER_PATH": "/cruddur/local/backend-flask",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """The address of moto's server."""
    server = ThreadedMotoServer("127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def assert_stops_cleanly(backend: BackendProcess) -> None:
    """SIGTERM ends the master with 0, without a traceback and with nothing but JSON in the log."""
    assert backend.stop() == 0, backend.output()
    assert "Traceback" not in backend.output()
    assert backend.plain_lines() == []
    assert {"level", "logger", "message", "timestamp"} <= set(backend.log()[0])


@pytest.mark.parametrize(("worker_class", "options"), KINDS)
def test_serves_and_stops(tmp_path: Path, worker_class: str, options: tuple[str, ...]) -> None:
    """Every kind of worker serves, names itself, refuses what is wrong and ends at SIGTERM."""
    environment = {"GUNICORN_WORKER_CLASS": worker_class, "GUNICORN_WORKERS": "2"}
    with started((*GUNICORN, *options), tmp_path, environment) as backend:
        backend.wait_until_serving()
        assert backend.get("/api/activities/home").json()[0]["handle"] == "andrewbrown"
        assert backend.worker_pid() != backend.process.pid
        assert backend.get("/api/activities/@%00").status_code == 400
        assert backend.get("/api/activities/none").json()["error"]["code"] == "activity_not_found"
        assert_stops_cleanly(backend)


def test_runs_from_any_folder(tmp_path: Path) -> None:
    """`gunicorn -c` with the file's path needs no other working folder."""
    command = ("/usr/bin/env", "-C", str(tmp_path), *GUNICORN, "-c", str(_configuration()))
    with started(command, tmp_path, {"GUNICORN_WORKERS": "1"}) as backend:
        backend.wait_until_serving()
        assert_stops_cleanly(backend)


def test_keeps_connections_longer_than_a_load_balancer(tmp_path: Path) -> None:
    """The idle time after which gunicorn closes is beyond the 60 seconds of a load balancer."""
    with started((*GUNICORN, "--print-config"), tmp_path, {}) as backend:
        assert backend.exit_code() == 0
        values = dict(
            line.split("=", 1) for line in backend.output().replace(" ", "").splitlines() if "=" in line
        )
        assert int(values["keepalive"]) > 60
        assert values["control_socket_disable"] == "True"
        assert values["accesslog"] == "None"


def test_an_environment_may_say_otherwise(tmp_path: Path) -> None:
    """A load balancer that keeps connections longer, and a system without /dev/shm, are told by variables."""
    environment = {"GUNICORN_KEEP_ALIVE": "305", "GUNICORN_WORKER_TMP_DIR": str(tmp_path)}
    with started((*GUNICORN, "--print-config"), tmp_path, environment) as backend:
        assert backend.exit_code() == 0
        lines = backend.output().replace(" ", "").splitlines()
        assert {"keepalive=305", f"worker_tmp_dir={tmp_path}"} <= set(lines)


@pytest.mark.parametrize("worker_class", ["gthread", "gevent"])
def test_a_killed_worker_is_replaced(tmp_path: Path, worker_class: str) -> None:
    """The master goes on after a worker's sudden death, and so does the service."""
    environment = {"GUNICORN_WORKER_CLASS": worker_class, "GUNICORN_WORKERS": "1"}
    with started((*GUNICORN, "--preload"), tmp_path, environment) as backend:
        backend.wait_until_serving()
        first = backend.worker_pid()
        os.kill(first, signal.SIGKILL)
        backend.wait_for_worker_other_than({first})
        assert_stops_cleanly(backend)


def test_workers_are_renewed_on_hangup(tmp_path: Path) -> None:
    """SIGHUP reads the configuration again and replaces the workers, the master stays."""
    with started(GUNICORN, tmp_path, {"GUNICORN_WORKERS": "1"}) as backend:
        backend.wait_until_serving()
        first = backend.worker_pid()
        backend.process.send_signal(signal.SIGHUP)
        backend.wait_for_worker_other_than({first})
        assert_stops_cleanly(backend)


@pytest.mark.parametrize("worker_class", ["gthread", "gevent", "sync"])
def test_large_bodies_are_answered(tmp_path: Path, worker_class: str) -> None:
    """A body far beyond the limit gets its 413, with a length or in chunks, and the worker lives."""
    environment = {"GUNICORN_WORKER_CLASS": worker_class, "GUNICORN_WORKERS": "1"}
    with started(GUNICORN, tmp_path, environment) as backend:
        backend.wait_until_serving()
        worker = backend.worker_pid()
        headers = {"Content-Type": "application/json"}
        megabytes = b" " * (3 * 1024 * 1024)
        for body in (megabytes, iter([megabytes])):
            response = requests.post(backend.url("/api/activities"), data=body, headers=headers, timeout=10)
            assert response.status_code == 413
            assert response.json()["error"]["code"] == "request_entity_too_large"
        largest = b'{"message":"x","ttl":"1-day"}'.ljust(DEFAULT_MAX_BODY_BYTES)
        for body in (largest, iter([largest])):
            assert requests.post(backend.url("/api/activities"), data=body, headers=headers, timeout=10).ok
        assert backend.worker_pid() == worker


def test_a_failure_is_logged_with_its_trace(tmp_path: Path) -> None:
    """A failure's line in the log has the route, the traceback and the trace id that the answer has."""
    environment = {
        "DEMO_ROUTES": "true",
        "GUNICORN_WORKERS": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": CLOSED_PORT_URL,
    }
    with started(GUNICORN, tmp_path, environment) as backend:
        backend.wait_until_serving()
        response = backend.get("/demo/failure")
        assert response.status_code == 500
        assert response.json()["error"]["code"] == "internal_server_error"
        assert backend.stop() == 0
        [logged] = [
            line for line in backend.log() if line.get("exception.type") == "services.demo.DemoFailure"
        ]
        assert logged["route"] == "/demo/failure"
        assert "ZeroDivisionError" in logged["traceback"]
        assert f"Root={logged['xray_trace_id']}" in response.headers["X-Amzn-Trace-Id"].split(";")


@pytest.mark.parametrize(("worker_class", "options"), [kind for kind in KINDS if "gevent" in str(kind.id)])
def test_outgoing_calls_over_tls(tmp_path: Path, worker_class: str, options: tuple[str, ...]) -> None:
    """gevent's patch comes before boto3 under every way to ask for it: TLS else ends in a recursion."""
    environment = {
        **UNREACHABLE,
        "AWS_ENDPOINT_URL": "https://127.0.0.1:9",
        "TRACING_PARAMETER_PATH": "",
        "DEMO_ROUTES": "true",
        "GUNICORN_WORKER_CLASS": worker_class,
        "GUNICORN_WORKERS": "1",
    }
    with started((*GUNICORN, *options), tmp_path, environment) as backend:
        backend.wait_until_serving()
        response = backend.get("/demo/upstream")
        assert response.status_code == 502
        assert response.json()["error"]["message"] == "sts:GetCallerIdentity: EndpointConnectionError"


def test_outgoing_calls(tmp_path: Path, aws: str) -> None:
    """With DEMO_ROUTES one route calls this backend's own health and AWS, and answers what they said."""
    environment = {
        **UNREACHABLE,
        "AWS_ENDPOINT_URL": aws,
        "TRACING_PARAMETER_PATH": "",
        "DEMO_ROUTES": "true",
        "GUNICORN_WORKERS": "1",
    }
    with started(GUNICORN, tmp_path, environment) as backend:
        backend.wait_until_serving()
        assert backend.get("/demo/upstream").json() == {"health": "ok", "account": "123456789012"}


def test_no_demonstration_routes_by_default(tmp_path: Path) -> None:
    """Nobody can make the service fail who was not meant to."""
    with started(GUNICORN, tmp_path, {"GUNICORN_WORKERS": "1"}) as backend:
        backend.wait_until_serving()
        assert backend.get("/demo/failure").status_code == 404
        assert backend.get("/demo/upstream").status_code == 404


@pytest.mark.parametrize(
    "options", [(), ("-k", "gevent"), ("--preload",)], ids=["gthread", "gevent", "preload"]
)
def test_required_tracing_that_cannot_start(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The master ends with 4 and one line that names what is unreachable, however many workers there are."""
    environment = {**UNREACHABLE, "TRACING_REQUIRED": "true", "GUNICORN_WORKERS": "3"}
    with started((*GUNICORN, *options), tmp_path, environment) as backend:
        assert backend.exit_code() == 4, backend.output()
        [line] = backend.plain_lines()
        assert line.startswith("tracing is required and can't start: ")
        assert CLOSED_PORT_URL in line


def test_tracing_that_is_not_required(tmp_path: Path) -> None:
    """Without its resources the backend serves, and says on /health/tracing what it misses."""
    with started(GUNICORN, tmp_path, {**UNREACHABLE, "GUNICORN_WORKERS": "1"}) as backend:
        backend.wait_until_serving()
        assert backend.get("/api/activities/home").status_code == 200
        assert CLOSED_PORT_URL in "\n".join(backend.get("/health/tracing").json()["problems"])
        assert_stops_cleanly(backend)


def _configuration() -> Path:
    return Path(__file__).resolve().parents[3] / "backend-flask" / "gunicorn.conf.py"
