"""The backend of the run, under gunicorn: started, asked about its workers, stopped with all that it sent."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from scripts import paths
from scripts.errors import OperatorError
from scripts.parity.cloud import PARAMETER_PATH, REGION, UNSAMPLED_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scripts.parity.cloud import Cloud

WORKERS = 2
THREADS = 16
START_TIMEOUT_SECONDS = 60.0
SETTLE_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 45.0
FLUSH_SECONDS = 20
_REQUEST_TIMEOUT_SECONDS = 10.0
_POLL_SECONDS = 0.1
_LAST_WORDS = "tracing stopped"
_SINKS = ("xray", "honeycomb")


@dataclass(frozen=True)
class Workers:
    """What all workers together recorded, and what became of it: of each sink, counts by what happened."""

    recorded: int
    sinks: Mapping[str, Mapping[str, int]]

    @property
    def is_settled(self) -> bool:
        """Whether everything was sent, dropped or lost."""
        return all(sum(counts.values()) == self.recorded for counts in self.sinks.values())


@dataclass(frozen=True)
class Backend:
    """A started backend."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"

    def settled(self) -> Workers:
        """Return the workers' counts once everything recorded was sent or dropped.

        Raises OperatorError where that does not come about within a minute.
        """
        return settled(self.address, _look(self.log))

    def stop(self) -> int:
        """End it as a deployment does; return how many spans its workers say, at their end, they recorded.

        Raises OperatorError where it does not end, or not well.
        """
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        if code != 0:
            what = "did not end in time" if code is None else f"ended with {code}"
            raise OperatorError(f"the backend {what} ({_last_line(self.log)})", remedy=_look(self.log))
        return recorded_in_log(self.log.read_text(errors="replace"))


def settled(address: str, remedy: str) -> Workers:
    """Return the counts of the workers at *address* (a URL) once all that they recorded was sent or dropped.

    Raises OperatorError, with *remedy*, where that does not come about within a minute, or none answers.
    """
    deadline = time.monotonic() + SETTLE_TIMEOUT_SECONDS
    while True:
        counts = workers_of(_status(address, remedy))
        if counts.is_settled:
            return counts
        if time.monotonic() > deadline:
            raise OperatorError(
                f"the backend still holds spans {SETTLE_TIMEOUT_SECONDS:.0f} s after the last request"
                f" ({counts.recorded} recorded, {json.dumps(counts.sinks)})",
                remedy=remedy,
            )
        time.sleep(_POLL_SECONDS)


def _status(address: str, remedy: str) -> Mapping[str, Any]:
    """Return `/health/tracing`, asked so that a backend without a rule of the run's records nothing of it."""
    url = address + UNSAMPLED_PATH
    header = f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Sampled=0"
    try:
        answer = requests.get(url, headers={"X-Amzn-Trace-Id": header}, timeout=_REQUEST_TIMEOUT_SECONDS)
        answer.raise_for_status()
        document = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise OperatorError(
            f"{url} does not answer as the backend's does ({type(error).__name__})", remedy=remedy
        ) from error
    if not isinstance(document, dict):
        raise OperatorError(f"{url} answers with no JSON object", remedy=remedy)
    return document


def recorded_in_log(text: str) -> int:
    """Return the sum of what each worker, in the JSON line that it writes when it stops, says it recorded."""
    lines = map(_parsed, text.splitlines())
    return sum(line["recorded"] for line in lines if str(line.get("message")).startswith(_LAST_WORDS))


def _parsed(line: str) -> Mapping[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def workers_of(status: Mapping[str, Any]) -> Workers:
    """Return what `/health/tracing` says of all workers, the ended ones included."""
    workers = status.get("workers")
    if workers is None:
        raise OperatorError("the backend's workers share no counters", remedy="look at /health/tracing")
    every = [*workers["running"], workers["ended"]]
    return Workers(
        recorded=sum(worker["recorded"] for worker in every),
        sinks={
            sink: {
                fate: sum(worker["sinks"].get(sink, {}).get(fate, 0) for worker in every)
                for fate in ("sent", "dropped", "lost")
            }
            for sink in _SINKS
        },
    )


@contextmanager
def running(cloud: Cloud, *, daemon_address: str | None = None) -> Iterator[Backend]:
    """Start the backend with the ledger's own routes, on a free port; at the end no process of it is left.

    *daemon_address* is the daemon's where something stands between. Raises OperatorError where it does not
    come up.
    """
    port = _free_port()
    log = cloud.folder / "backend.log"
    with log.open("wb") as target:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", str(paths.BACKEND / "gunicorn.conf.py"),
             "scripts.parity.application:app"],
            cwd=paths.BACKEND,
            env=_variables(cloud, port, daemon_address or cloud.daemon_address),
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        backend = Backend(process, port, log)
        _wait_for(backend)
        yield backend
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _variables(cloud: Cloud, port: int, daemon_address: str) -> dict[str, str]:
    """Return the backend's whole environment: none of the caller's settings, which would change the run."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(paths.ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PORT": str(port),
        "DEMO_ROUTES": "true",
        "LOG_LEVEL": "INFO",
        "GUNICORN_WORKERS": str(WORKERS),
        "GUNICORN_THREADS": str(THREADS),
        "GUNICORN_GRACEFUL_TIMEOUT": str(2 * (FLUSH_SECONDS + 3)),
        "TRACING_REQUIRED": "true",
        "TRACING_PARAMETER_PATH": PARAMETER_PATH,
        "TRACING_SHUTDOWN_DEADLINE": str(FLUSH_SECONDS),
        "AWS_XRAY_DAEMON_ADDRESS": daemon_address,
        "AWS_ENDPOINT_URL": cloud.aws_endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(backend: Backend) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        code = backend.process.poll()
        if code is not None or time.monotonic() > deadline:
            what = f"ended with {code}" if code is not None else "did not answer in time"
            raise OperatorError(f"the backend {what} ({_last_line(backend.log)})", remedy=_look(backend.log))
        try:
            answer = requests.get(backend.address + UNSAMPLED_PATH, timeout=_REQUEST_TIMEOUT_SECONDS)
        except requests.RequestException:
            time.sleep(_POLL_SECONDS)
            continue
        if answer.ok and len((answer.json()["workers"] or {}).get("running", ())) == WORKERS:
            return
        time.sleep(_POLL_SECONDS)


def _last_line(log: Path) -> str:
    return (log.read_text(errors="replace").strip().splitlines() or ["its log is empty"])[-1]


def _look(log: Path) -> str:
    return f"look at {paths.shown(log)}"
