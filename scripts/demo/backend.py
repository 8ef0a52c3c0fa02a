"""The backend of the demo: started as ``make backend`` does, watched until it answers, ended by its id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from scripts import paths
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL_PORT = 4567
START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 30.0
REQUEST_TIMEOUT_SECONDS = 10.0
_POLL_SECONDS = 0.1


@contextmanager
def running() -> Iterator[str]:
    """Start the backend with its demo routes and yield its address; at the end it is flushed and gone.

    Raises OperatorError, with the last line of its log, where it does not come up.
    """
    port = _free_port()
    log = paths.local_folder() / "backend.log"
    variables = {**os.environ, "DEMO_ROUTES": "true", "TRACING_REQUIRED": "true", "GUNICORN_WORKERS": "1"}
    with log.open("wb") as target:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts", "backend", "--port", str(port)],
            cwd=paths.ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process, log)
        yield address
    finally:
        _stop(process)


def status(address: str) -> dict[str, Any]:
    """Return what ``/health/tracing`` says."""
    document: dict[str, Any] = requests.get(
        f"{address}/health/tracing", timeout=REQUEST_TIMEOUT_SECONDS
    ).json()
    return document


def _free_port() -> int:
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OperatorError("no free port on loopback", remedy="end a program that listens there")


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Any) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        code = process.poll()
        if code is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").strip().splitlines() or ["its log is empty"]
            what = f"ended with {code}" if code is not None else "did not answer in time"
            raise OperatorError(f"the backend {what} ({lines[-1]})", remedy=f"look at {paths.shown(log)}")
        try:
            if requests.get(f"{address}/health", timeout=REQUEST_TIMEOUT_SECONDS).ok:
                return
        except requests.RequestException:
            time.sleep(_POLL_SECONDS)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
