"""The local cloud as a background process: start it, know it again, end exactly it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts import paths
from scripts.errors import OperatorError
from scripts.living import start_time

if TYPE_CHECKING:
    from pathlib import Path

START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 15.0
_POLL_SECONDS = 0.05
# What this process itself started: it is the parent, and has to take note of the end.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud: its addresses, and the process as the system knows it."""

    aws_endpoint_url: str
    daemon_address: str
    honeycomb_api_endpoint: str
    pid: int
    started: int


def addresses_file() -> Path:
    """Return the file in which the process and its addresses are kept."""
    return paths.local_folder() / "localcloud.json"


def log_file() -> Path:
    """Return the file that the process logs into."""
    return paths.local_folder() / "localcloud.log"


def key_file() -> Path:
    """Return the file that holds the local Honeycomb's key."""
    return paths.local_folder() / "honeycomb-key"


def running() -> LocalCloud | None:
    """Return the local cloud that runs, or None.

    A process counts only with the start time that was noted: its number alone may belong to another one by
    now.
    """
    try:
        known = json.loads(addresses_file().read_text())
        cloud = LocalCloud(
            str(known["aws_endpoint_url"]),
            str(known["daemon_address"]),
            str(known["honeycomb_api_endpoint"]),
            int(known["pid"]),
            int(known["started"]),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return cloud if _is_ours(cloud) else None


def start(*, aws_port: int, daemon_port: int, honeycomb_port: int) -> LocalCloud:
    """Start the local cloud in a session of its own and return it once all its ports are ready.

    Raises OperatorError, with the last line of its log, where it does not come up.
    """
    folder = paths.local_folder()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "localcloud.starting.json"
    fresh.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "localcloud"),
        *("--aws-port", str(aws_port), "--daemon-port", str(daemon_port)),
        *("--honeycomb-port", str(honeycomb_port)),
        *("--honeycomb-key-file", str(key_file()), "--addresses", str(fresh)),
    ]
    with log_file().open("wb") as log:
        child = subprocess.Popen(
            command,
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for(fresh, child)
        known = json.loads(fresh.read_text())
        known["started"] = start_time(child.pid)
        fresh.write_text(json.dumps(known))
        fresh.replace(addresses_file())
    except BaseException:
        _end(child.pid)
        child.wait()
        fresh.unlink(missing_ok=True)
        raise
    _children[child.pid] = child
    cloud = running()
    if cloud is None:
        raise OperatorError(
            "the local cloud ended as soon as it was ready", remedy=f"look at {paths.shown(log_file())}"
        )
    return cloud


def stop(cloud: LocalCloud) -> None:
    """End *cloud*: SIGTERM, and SIGKILL where it has not ended after 15 seconds."""
    _end(cloud.pid)
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    child = _children.pop(cloud.pid, None)
    # Ended, it is there until its parent has taken note; without /proc that looks as if it ran.
    while (child is None or child.poll() is None) and _is_ours(cloud):
        if time.monotonic() > deadline:
            os.kill(cloud.pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(_POLL_SECONDS)
    if child is not None:
        child.wait()


def _wait_for(fresh: Path, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not fresh.exists():
        code = child.poll()
        if code is not None or time.monotonic() > deadline:
            lines = log_file().read_text(errors="replace").strip().splitlines() or ["its log is empty"]
            what = f"ended with {code}" if code is not None else "was not ready in time"
            raise OperatorError(
                f"the local cloud {what} ({lines[-1].strip()})",
                remedy=f"look at {paths.shown(log_file())}; where a port is taken, leave it out",
            )
        time.sleep(_POLL_SECONDS)


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return


def _is_ours(cloud: LocalCloud) -> bool:
    return start_time(cloud.pid) == cloud.started
