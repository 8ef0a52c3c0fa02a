"""``request.memory``: how much a process grows between 200,000 and 1,000,000 requests.

In-process WSGI calls under the local stack's rule, both sinks up. The baseline is what was resident at
200,000 requests, when caches and pools are full; every 100,000 requests are told on standard error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from bench import commands, local_cloud
from bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("request.memory",)
REQUESTS = 1_000_000
STEP_REQUESTS = 100_000
SETTLED_REQUESTS = 200_000
TIMEOUT_SECONDS = 1200
PARAMETER_PATH = "/cruddur/local/backend-flask"
MIB = 1024 * 1024


def measure() -> Iterator[Figure]:
    """Yield the growth in MiB. Raises CommandFailedError where the process fails, or loses a span."""
    with local_cloud.applied() as addresses:
        resident = _resident(
            {**addresses, "TRACING_PARAMETER_PATH": PARAMETER_PATH, "TRACING_REQUIRED": "true"}
        )
    growth = resident[REQUESTS] - resident[SETTLED_REQUESTS]
    yield Figure.of("request.memory", growth / MIB, "MiB", resident[SETTLED_REQUESTS] / MIB)


def _resident(environment: dict[str, str]) -> dict[int, int]:
    """Run the process; return the resident bytes after so many requests."""
    resident: dict[int, int] = {}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.memory_process", str(REQUESTS), str(STEP_REQUESTS)],
        cwd=commands.ROOT,
        env={**environment, "PYTHONPATH": f"{commands.ROOT}:{commands.ROOT / 'backend-flask'}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stdout or ():
            told = json.loads(line)
            resident[told["requests"]] = told["resident_bytes"]
            size = told["resident_bytes"] / MIB
            print(f"bench: {told['requests']} requests: {size:.1f} MiB", file=sys.stderr, flush=True)
        code = process.wait(TIMEOUT_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if code != 0 or REQUESTS not in resident:
        raise commands.CommandFailedError(
            f"request.memory: the process ended with {code}: see its output above"
        )
    return resident
