"""How the graceful timeout is divided between requests and sending."""

import os
import signal
from pathlib import Path

import pytest

from tests.backend.process.backend_process import GUNICORN, started
from tests.backend.process.test_killed_workers import (
    HOME,
    SPANS_PER_REQUEST,
    environment,
    silent_back_end,
    until,
    workers_of,
)
from worker_stop import note_on_deadline, seconds_for_requests


@pytest.mark.parametrize(
    ("total", "deadline", "for_requests"),
    [(30, 5.0, 22), (30, 0.1, 26), (30, 10.0, 17), (30, 300.0, 15), (6, 5.0, 3), (1, 5.0, 0)],
)
def test_sending_has_its_deadline_or_half(total: int, deadline: float, for_requests: int) -> None:
    """Requests have what tracing's deadline leaves of the graceful timeout, and never less than half."""
    assert seconds_for_requests(total, deadline) == for_requests


@pytest.mark.parametrize(
    ("total", "deadline", "remedy"),
    [
        (30, 5.0, None),
        (30, 12.0, None),
        (30, 12.1, "set GUNICORN_GRACEFUL_TIMEOUT=31, or a shorter deadline"),
        (6, 5.0, "set GUNICORN_GRACEFUL_TIMEOUT=15, or a shorter deadline"),
        (30, 300.0, "set a shorter deadline"),
    ],
)
def test_a_deadline_that_does_not_fit_is_told(total: int, deadline: float, remedy: str | None) -> None:
    """Where sending may not have it, with a graceful timeout that would do."""
    note = note_on_deadline(total, deadline)
    assert (note is None) == (remedy is None)
    if note is not None and remedy is not None:
        assert note.endswith(remedy)
        if "=" in remedy:
            assert note_on_deadline(int(remedy.split("=")[1].split(",")[0]), deadline) is None


@pytest.mark.parametrize("worker_class", ["sync", "gthread", "gevent"])
def test_sending_ends_before_the_master_kills(tmp_path: Path, worker_class: str) -> None:
    """A back end that is silent, and a deadline far beyond: what is left is counted; the start said so."""
    with silent_back_end() as (server, _):
        variables = environment(
            server, worker_class, TRACING_SHUTDOWN_DEADLINE="60", GUNICORN_GRACEFUL_TIMEOUT="4"
        )
        with started(GUNICORN, tmp_path, variables) as backend:
            backend.wait_until_serving()
            assert backend.get(HOME).status_code == 200
            assert backend.stop() == 0
            lines = backend.log()
    (note,) = [line for line in lines if line["message"].startswith("TRACING_SHUTDOWN_DEADLINE is 60 s")]
    assert note["level"] == "WARNING"
    (end,) = [line for line in lines if line["message"].startswith("tracing stopped")]
    assert end["recorded"] >= SPANS_PER_REQUEST
    assert sum(end["sinks"]["honeycomb"]["dropped"].values()) == end["recorded"]
    (total,) = [line for line in lines if line["message"].startswith("all workers have ended")]
    assert total["sinks"] == {"honeycomb": {"sent": 0, "dropped": end["recorded"], "lost": 0}}


def test_a_recycled_worker_ends_before_its_silence_does(tmp_path: Path) -> None:
    """Nobody signalled it: it has what gunicorn's --timeout leaves, counted anew from its end."""
    with silent_back_end() as (server, _):
        variables = environment(server, "gthread", TRACING_SHUTDOWN_DEADLINE="60")
        command = (*GUNICORN, "--timeout", "3", "--graceful-timeout", "200")
        with started(command, tmp_path, variables) as backend:
            backend.wait_until_serving()
            backend.get(HOME)
            first = backend.worker_pid()
            os.kill(first, signal.SIGTERM)
            ended = until(lambda: workers_of(backend), lambda now: now["ended"]["workers"] == 1)["ended"]
            lines = backend.log()
    assert ended["sinks"]["honeycomb"]["lost"] == 0
    assert ended["sinks"]["honeycomb"]["dropped"] == ended["recorded"] >= SPANS_PER_REQUEST
    assert not [line for line in lines if "WORKER TIMEOUT" in line["message"]]
