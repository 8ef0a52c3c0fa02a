"""wrk, the load generator: one run, and what it measured."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import commands

_REPORT = """
done = function(summary, latency, requests)
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p99_microseconds": %d, "failed": %d}\\n',
    summary.requests, summary.duration, latency:percentile(99),
    summary.errors.connect + summary.errors.read + summary.errors.write
      + summary.errors.status + summary.errors.timeout))
end
"""
_PACE = "delay = function() return {milliseconds} end\n"


@dataclass(frozen=True)
class Load:
    """What one run measured."""

    requests_per_second: float
    p99_milliseconds: float


def require() -> str:
    """Return the program's path. Raises CommandFailedError where it isn't installed."""
    path = shutil.which("wrk")
    if path is None:
        raise commands.CommandFailedError(
            "wrk, which makes the load, is not on PATH: install Debian's package (apt-get install wrk)"
        )
    return path


def run(url: str, *, connections: int, seconds: int, cores: set[int], pause_milliseconds: int = 0) -> Load:
    """Send requests over `connections` connections for `seconds`, from these cores.

    Each connection sends its next request `pause_milliseconds` after the answer; the pause is not part of the
    latency.

    Raises:
        CommandFailedError: wrk failed, or a request did: a failed one is no measure of a served one.
    """
    pace = _PACE.format(milliseconds=pause_milliseconds) if pause_milliseconds else ""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "report.lua"
        script.write_text(pace + _REPORT)
        pinned = ["taskset", "--cpu-list", ",".join(map(str, sorted(cores)))]
        wrk = [require(), "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
        text = commands.output([*pinned, *wrk])
    report = json.loads(text.splitlines()[-1])
    if report["failed"] or not report["requests"]:
        raise commands.CommandFailedError(f"{url}: {report['failed']} requests failed under load:\n{text}")
    return Load(
        requests_per_second=report["requests"] / report["microseconds"] * 1e6,
        p99_milliseconds=report["p99_microseconds"] / 1000,
    )
