"""The deployed backend as one process on this machine: started, known again, and ended, it alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from scripts import interrupts, paths
from scripts.errors import OperatorError
from scripts.living import start_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 45.0
REQUEST_TIMEOUT_SECONDS = 5.0
LINES_TOLD = 3
_POLL_SECONDS = 0.1
# What this process itself started: it is the parent, and has to take note of the end.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """The running backend: process and start as the system knows them, port, and task definition."""

    pid: int
    started: int
    port: int
    definition: str

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


def record() -> Path:
    """Return the file that the running process is noted in."""
    return paths.local_folder() / "deployed.json"


def log_file() -> Path:
    """Return the file that the process logs into."""
    return paths.local_folder() / "deployed.log"


def folder() -> Path:
    """Return the folder that holds the image's files, and nothing else."""
    return paths.local_folder() / "deployed"


def running() -> Process | None:
    """Return the process that was started and still runs, or None.

    It counts only with the start time that was noted: its number alone may be another's by now.
    """
    try:
        known = json.loads(record().read_text())
        process = Process(
            int(known["pid"]), int(known["started"]), int(known["port"]), str(known["definition"])
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return process if start_time(process.pid) == process.started else None


def require_port(port: int) -> None:
    """Raise OperatorError where somebody else than an earlier backend of ours listens on *port*."""
    ours = running()
    if ours is not None and ours.port == port:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise OperatorError(
                f"port {port}, where the deployed backend is to answer, is taken ({error.strerror})",
                remedy="end what listens there, or give PORT=<another>",
            ) from error


def stop() -> Process | None:
    """End the backend that runs, with time to send what it has recorded; return it, None where none ran."""
    process = running()
    if process is not None:
        _signal(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        child = _children.pop(process.pid, None)
        # Ended, it is there until its parent has taken note; without /proc that looks as if it ran.
        while (child is None or child.poll() is None) and start_time(process.pid) == process.started:
            if time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                deadline = float("inf")
            time.sleep(_POLL_SECONDS)
        if child is not None:
            child.wait()
    record().unlink(missing_ok=True)
    return process


def clean_up() -> None:
    """Remove the files that the process ran from; the log stays for whoever wonders."""
    shutil.rmtree(folder(), ignore_errors=True)


def start(
    command: Sequence[str], variables: Mapping[str, str], *, working: Path, port: int, definition: str
) -> Process:
    """Start *command* in the folder *working*, in a session of its own, and return it once it answers.

    Raises OperatorError, with the last lines of its log, where it does not come up; then it is gone.
    """
    with log_file().open("wb") as log, interrupts.put_off():
        child = subprocess.Popen(
            list(command),
            cwd=working,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        started = start_time(child.pid)
        # One that has ended by now has no start; -1 is nobody's.
        process = Process(child.pid, -1 if started is None else started, port, definition)
        record().write_text(json.dumps(asdict(process)))
        _children[child.pid] = child
    try:
        _wait_for(process, child)
    except BaseException:
        stop()
        _children.pop(child.pid, child).wait()
        raise
    return process


def _wait_for(process: Process, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        code = child.poll()
        if code is not None or time.monotonic() > deadline:
            what = f"ended with {code}" if code is not None else "did not answer in time"
            raise OperatorError(
                f"the deployed backend {what}: {last_lines()}", remedy=f"look at {paths.shown(log_file())}"
            )
        try:
            if requests.get(f"{process.address}/health", timeout=REQUEST_TIMEOUT_SECONDS).ok:
                return
        except requests.RequestException:
            time.sleep(_POLL_SECONDS)


def last_lines() -> str:
    """Return the last lines of the log as one."""
    lines = [line.strip() for line in log_file().read_text(errors="replace").splitlines() if line.strip()]
    return " | ".join(lines[-LINES_TOLD:]) or "its log is empty"


def _signal(pid: int, number: int) -> bool:
    """Send a signal; tell whether there was such a process."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
