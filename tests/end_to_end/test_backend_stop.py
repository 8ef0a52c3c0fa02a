"""What was sampled is sent before the process ends, under every kind of worker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from tests.end_to_end.backend import trace_id_of, until
from tests.end_to_end.traces import in_both

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.backend import Stage

REQUESTS = 24
CLIENTS = 3
RECYCLED_AFTER = "10"


def served(backend: BackendProcess) -> set[str]:
    """Send requests from several clients, each with a connection of its own; return the traces' ids."""

    def get(_: int) -> str:
        with requests.Session() as client:
            response = client.get(backend.url("/api/activities/home"), timeout=10)
            assert response.status_code == 200
            return trace_id_of(response)

    with ThreadPoolExecutor(CLIENTS) as clients:
        ids = set(clients.map(get, range(REQUESTS)))
    assert len(ids) == REQUESTS
    return ids


def workers_of(backend: BackendProcess) -> set[int]:
    """Return the pids of all workers that ever took up tracing."""
    return {line["pid"] for line in backend.log() if line["message"].startswith("tracing started")}


def assert_whole(stage: Stage, xray: XRayClient, ids: set[str]) -> None:
    """Each of these traces has its two spans in both sinks."""
    found = in_both(xray, stage.honeycomb, ids, spans=2)
    assert {len(spans) for pair in found.values() for spans in pair} == {2}


@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["", "preload"])
@pytest.mark.parametrize("worker_class", ["gthread", "sync", "gevent"])
def test_nothing_is_lost(
    stage: Stage, xray: XRayClient, tmp_path: Path, worker_class: str, preload: tuple[str, ...]
) -> None:
    """SIGTERM right after the last answer, and workers renewed on the way: every trace arrives, whole."""
    options = ("-k", worker_class, "-w", "2", "--max-requests", RECYCLED_AFTER, *preload)
    with stage.serving(tmp_path, *options) as backend:
        ids = served(backend)
        until(lambda: workers_of(backend), lambda pids: len(pids) > 2)
        ids |= served(backend)
        assert backend.stop() == 0
        assert "Traceback" not in backend.output()
    assert_whole(stage, xray, ids)


def test_idle_connections_keep_no_worker_from_sending(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Connections that a load balancer holds open: the worker closes them and ends, nobody has to kill it."""
    timeouts = {"GUNICORN_GRACEFUL_TIMEOUT": "8", "TRACING_SHUTDOWN_DEADLINE": "1"}
    with (
        stage.serving(tmp_path, "-k", "gevent", **timeouts) as backend,
        requests.Session() as balancer,
    ):
        ids = {trace_id_of(balancer.get(backend.url("/api/activities/home"), timeout=10)) for _ in range(5)}
        assert backend.stop() == 0
        lines = backend.log()
    assert any(line["message"].startswith("Worker exiting") for line in lines), lines
    assert {line["level"] for line in lines} == {"INFO"}, lines
    assert_whole(stage, xray, ids)
