"""gunicorn serving one of the applications of bench/served.py, on cores of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from bench import commands
from bench.application import PATH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START_SECONDS = 30
STOP_SECONDS = 40
POLL_SECONDS = 0.05


@contextmanager
def serving(
    application: str, environment: Mapping[str, str], *, workers: int, cores: set[int]
) -> Iterator[str]:
    """Yield the URL of ``bench.served:<application>()`` under gthread workers; end the server after it.

    Raises:
        CommandFailedError: it doesn't start, or doesn't end by itself.
    """
    port = _free_port()
    process = subprocess.Popen(
        [
            *("taskset", "--cpu-list", ",".join(map(str, sorted(cores)))),
            *(sys.executable, "-m", "gunicorn", "-c", str(commands.ROOT / "backend-flask/gunicorn.conf.py")),
            *("-k", "gthread", "-w", str(workers), f"bench.served:{application}()"),
        ],
        env={
            **os.environ,
            **environment,
            "PYTHONPATH": f"{commands.ROOT}:{commands.ROOT / 'backend-flask'}",
            "PORT": str(port),
            "LOG_LEVEL": "WARNING",
        },
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}{PATH}"
        _wait_until_serving(process, url)
        yield url
        process.send_signal(signal.SIGTERM)
        if process.wait(STOP_SECONDS) != 0:
            raise commands.CommandFailedError(f"gunicorn with {application} ended with {process.returncode}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_serving(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 (the URL is ours)
                return
        except URLError:
            time.sleep(POLL_SECONDS)
    raise commands.CommandFailedError(f"{url} doesn't answer, gunicorn's exit code: {process.poll()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
