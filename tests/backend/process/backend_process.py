"""A backend in a process of its own, as an operator starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

BACKEND = Path(__file__).resolve().parents[3] / "backend-flask"
START_DEADLINE_SECONDS = 60
STOP_DEADLINE_SECONDS = 30
POLL_SECONDS = 0.05

GUNICORN = (sys.executable, "-m", "gunicorn")


def flask_run(port: int) -> tuple[str, ...]:
    """Return the command line of the development server."""
    return (sys.executable, "-m", "flask", "run", "--port", str(port))


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class BackendProcess:
    """A started backend: its address, its process and what it wrote."""

    process: subprocess.Popen[bytes]
    port: int
    stdout: Path
    stderr: Path

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str) -> requests.Response:
        """Send a GET."""
        return requests.get(self.url(path), timeout=10)

    def wait_until_serving(self) -> None:
        """Return when /health answers; fail with the process's output if it ends before."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output()}"
            try:
                if self.get("/health").ok:
                    return
            except requests.ConnectionError:
                time.sleep(POLL_SECONDS)
        raise AssertionError(f"not serving after {START_DEADLINE_SECONDS} s:\n{self.output()}")

    def wait_for_worker_other_than(self, pids: set[int]) -> int:
        """Return the pid of a worker that is not one of `pids`, once one answers."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while time.monotonic() < deadline:
            try:
                pid = self.worker_pid()
            except requests.ConnectionError:
                time.sleep(POLL_SECONDS)
                continue
            if pid not in pids:
                return pid
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"no new worker after {START_DEADLINE_SECONDS} s:\n{self.output()}")

    def worker_pid(self) -> int:
        """Return the pid of the worker that answers."""
        pid: int = self.get("/health/tracing").json()["worker"]["pid"]
        return pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the process itself and return its exit code."""
        self.process.send_signal(number)
        return self.exit_code()

    def exit_code(self) -> int:
        """Return the exit code of a process that ends by itself."""
        return self.process.wait(STOP_DEADLINE_SECONDS)

    def output(self) -> str:
        """Return all that it wrote."""
        return self.stdout.read_text() + self.stderr.read_text()

    def plain_lines(self) -> list[str]:
        """Return what it wrote outside of its JSON log."""
        return [line for line in self.output().splitlines() if not line.startswith("{")]

    def log(self) -> list[dict[str, Any]]:
        """Return its JSON log lines."""
        return [json.loads(line) for line in self.output().splitlines() if line.startswith("{")]


@contextmanager
def started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, port: int | None = None
) -> Iterator[BackendProcess]:
    """Start a backend with `environment` alone, and leave no process of its group behind."""
    chosen = port or free_port()
    stdout, stderr = folder / "stdout", folder / "stderr"
    with stdout.open("wb") as out, stderr.open("wb") as err:
        process = subprocess.Popen(
            ("env", "--default-signal=INT", *command),  # a background shell's children ignore Ctrl-C
            cwd=BACKEND,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "PORT": str(chosen),
                "AWS_EC2_METADATA_DISABLED": "true",
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        yield BackendProcess(process, chosen, stdout, stderr)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_DEADLINE_SECONDS)
