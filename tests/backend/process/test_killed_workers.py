"""Workers under gunicorn that end with spans in hand: the master counts what they held."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.backend.process.backend_process import GUNICORN, BackendProcess, free_port, started
from tests.backend.tracing.servers import Answer, HttpServer, http_server

WAIT_SECONDS = 30
POLL_SECONDS = 0.05
SPANS_PER_REQUEST = 2
HOME = "/api/activities/home"
KINDS = [
    pytest.param(worker_class, options, id=f"{worker_class}{''.join(options)}")
    for worker_class in ("sync", "gthread", "gevent")
    for options in ((), ("--preload",))
]


def until(read: Callable[[], Any], is_right: Callable[[Any], bool]) -> Any:
    """Return what `read` gives once it is right; a worker that is just ending may not answer."""
    deadline = time.monotonic() + WAIT_SECONDS
    value: Any = None
    while time.monotonic() < deadline:
        try:
            value = read()
        except requests.ConnectionError:
            time.sleep(POLL_SECONDS)
            continue
        if is_right(value):
            return value
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"not so after {WAIT_SECONDS} s: {value!r:.2000}")


def workers_of(backend: BackendProcess) -> Any:
    """Return the counts of all workers."""
    return backend.get("/health/tracing").json()["workers"]


@contextmanager
def silent_back_end() -> Iterator[tuple[HttpServer, threading.Event]]:
    """Run an OTLP back end that answers nobody until the event is set."""
    release = threading.Event()

    def answer(_request: Any) -> Answer:
        release.wait(WAIT_SECONDS)
        return Answer()

    with http_server(answer) as server:
        try:
            yield server, release
        finally:
            release.set()


def environment(server: HttpServer, worker_class: str, **more: str) -> dict[str, str]:
    """Return the variables of a backend with one worker that sends to `server`."""
    return {
        "GUNICORN_WORKER_CLASS": worker_class,
        "GUNICORN_WORKERS": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
        "OTEL_TRACES_SAMPLER": "always_on",
        **more,
    }


@pytest.mark.parametrize(("worker_class", "options"), KINDS)
def test_what_a_killed_worker_held_is_counted_as_lost(
    tmp_path: Path, worker_class: str, options: tuple[str, ...]
) -> None:
    """SIGKILL: the master says how many spans went with it, once, and every other worker tells it."""
    with (
        silent_back_end() as (server, _),
        started((*GUNICORN, *options), tmp_path, environment(server, worker_class)) as backend,
    ):
        backend.wait_until_serving()
        for _ in range(5):
            assert backend.get(HOME).status_code == 200
        worker = backend.worker_pid()
        (before,) = workers_of(backend)["running"]
        assert before["pid"] == worker
        held = before["recorded"]
        assert held >= 5 * SPANS_PER_REQUEST
        os.kill(worker, signal.SIGKILL)
        ended = until(lambda: workers_of(backend), lambda now: now["ended"]["workers"] == 1)["ended"]
        # The request that asked for the counts ended after they were read, and may have been recorded.
        assert ended["recorded"] >= held
        assert ended["sinks"] == {"honeycomb": {"sent": 0, "dropped": 0, "lost": ended["recorded"]}}
        until(
            lambda: workers_of(backend), lambda now: [w["pid"] for w in now["running"]] not in ([], [worker])
        )
        lines = [line for line in backend.log() if "had not sent" in line["message"]]
        assert [(line["level"], line["message"]) for line in lines] == [
            (
                "WARNING",
                f"worker {worker} ended with spans that it had not sent: {ended['recorded']} for honeycomb",
            )
        ]


@pytest.mark.parametrize("worker_class", ["sync", "gthread", "gevent"])
def test_what_the_master_kills_at_its_own_end_is_counted(tmp_path: Path, worker_class: str) -> None:
    """A worker that doesn't answer the stop: the last lines say what went with it, and what all have sent."""
    with silent_back_end() as (server, _):
        variables = environment(
            server, worker_class, GUNICORN_GRACEFUL_TIMEOUT="1", TRACING_SHUTDOWN_DEADLINE="0.1"
        )
        with started(GUNICORN, tmp_path, variables) as backend:
            backend.wait_until_serving()
            for _ in range(5):
                assert backend.get(HOME).status_code == 200
            worker = backend.worker_pid()
            os.kill(worker, signal.SIGSTOP)
            assert backend.stop() == 0
            lines = backend.log()
    (total,) = [line for line in lines if line["message"].startswith("all workers have ended")]
    recorded = total["recorded"]
    assert recorded >= 5 * SPANS_PER_REQUEST
    assert total["sinks"] == {"honeycomb": {"sent": 0, "dropped": 0, "lost": recorded}}
    assert total["message"].endswith(
        f"recorded {recorded} spans; honeycomb sent 0, dropped 0, lost {recorded}"
    )
    (lost,) = [line["message"] for line in lines if "had not sent" in line["message"]]
    assert lost == f"worker {worker} ended with spans that it had not sent: {recorded} for honeycomb"


@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["", "preload"])
def test_recycled_workers_are_added_up(tmp_path: Path, preload: tuple[str, ...]) -> None:
    """Workers that end by themselves have sent everything; their counts go over to the totals."""
    with http_server(lambda _: Answer()) as server:
        options = ("--max-requests", "5", *preload)
        with started((*GUNICORN, *options), tmp_path, environment(server, "gthread")) as backend:
            backend.wait_until_serving()

            def read() -> Any:
                assert backend.get(HOME).status_code == 200
                return workers_of(backend)

            ended = until(read, lambda now: now["ended"]["workers"] >= 3)["ended"]
            assert ended["recorded"] >= 3
            sent = {"sent": ended["recorded"], "dropped": 0, "lost": 0}
            assert ended["sinks"] == {"honeycomb": sent}
            assert not [line for line in backend.log() if "had not sent" in line["message"]]
            assert backend.stop() == 0
            ends = [line for line in backend.log() if line["message"].startswith("tracing stopped")]
    assert len(ends) >= 4
    for line in ends:
        assert line["sinks"] == {"honeycomb": {"sent": line["recorded"], "dropped": {}}}


def test_counts_outlive_a_reload(tmp_path: Path) -> None:
    """SIGHUP reads gunicorn's configuration anew; the memory stays, and so does what it holds."""
    with (
        http_server(lambda _: Answer()) as server,
        started(GUNICORN, tmp_path, environment(server, "gthread")) as backend,
    ):
        backend.wait_until_serving()
        backend.get(HOME)
        first = backend.worker_pid()
        backend.process.send_signal(signal.SIGHUP)
        backend.wait_for_worker_other_than({first})
        now = until(lambda: workers_of(backend), lambda now: now["ended"]["workers"] == 1)
        assert now["ended"]["recorded"] >= SPANS_PER_REQUEST
        assert [worker["pid"] for worker in now["running"]] != [first]


def test_a_stop_counts_what_could_not_be_sent(tmp_path: Path) -> None:
    """The deadline of the settings is kept, and the worker's last line accounts for every span."""
    with (
        silent_back_end() as (server, _),
        started(
            GUNICORN, tmp_path, environment(server, "gthread", TRACING_SHUTDOWN_DEADLINE="0.3")
        ) as backend,
    ):
        backend.wait_until_serving()
        backend.get(HOME)
        assert backend.stop() == 0
        (line,) = [line for line in backend.log() if line["message"].startswith("tracing stopped")]
    assert line["recorded"] >= SPANS_PER_REQUEST
    assert line["sinks"]["honeycomb"]["sent"] == 0
    assert sum(line["sinks"]["honeycomb"]["dropped"].values()) == line["recorded"]
    assert "recorded" in line["message"]


def test_another_configuration_of_gunicorn_shares_nothing(tmp_path: Path) -> None:
    """Without our hooks there are no workers' counts, and nothing else differs."""
    empty = tmp_path / "empty.conf.py"
    empty.write_text("")
    port = free_port()
    command = (*GUNICORN, "-c", str(empty), "-b", f"127.0.0.1:{port}", "-w", "1", "wsgi:app")
    with (
        http_server(lambda _: Answer()) as server,
        started(command, tmp_path, environment(server, "gthread"), port=port) as backend,
    ):
        backend.wait_until_serving()
        assert backend.get("/health/tracing").json()["workers"] is None
