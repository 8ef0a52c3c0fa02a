"""Eight workers under the same steady load, and what their seconds held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench import commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

QUOTA_SECONDS = 90
"""How long X-Ray may take to divide the reservoir: who is gone counts for 30 s, a report comes every 10 s."""
STOP_SECONDS = 60


class Workers:
    """Processes of bench/exactness_worker.py."""

    def __init__(self, kind: str, processes: list[subprocess.Popen[str]]) -> None:
        self.kind = kind
        self._processes = processes

    def wait_for_quotas(self, reservoir: int) -> None:
        """Wait until the whole reservoir is divided among the workers. Raises CommandFailedError."""
        deadline = time.monotonic() + QUOTA_SECONDS
        while True:
            quotas = [self._ask(process, "quota")["quota"] for process in self._processes]
            if None not in quotas and sum(quotas) == reservoir:
                return
            if time.monotonic() > deadline:
                raise commands.CommandFailedError(
                    f"{self.kind}: quotas are {quotas} after {QUOTA_SECONDS} s, not {reservoir} together"
                )
            time.sleep(1)

    def stop(self) -> list[dict[str, Any]]:
        """End the load; return, for each worker, what each second (epoch, as text) held."""
        for process in self._processes:
            self._write(process, "stop")
        return [self._read(process) for process in self._processes]

    def _ask(self, process: subprocess.Popen[str], line: str) -> dict[str, Any]:
        self._write(process, line)
        return self._read(process)

    def _write(self, process: subprocess.Popen[str], line: str) -> None:
        print(line, file=process.stdin, flush=True)

    def _read(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            code = process.wait(STOP_SECONDS)
            raise commands.CommandFailedError(
                f"a worker ({self.kind}) ended with {code}: see its output above"
            )
        document: dict[str, Any] = json.loads(line)
        return document


@contextmanager
def workers(
    kind: str, service: str, environment: Mapping[str, str], *, count: int, rate: float
) -> Iterator[Workers]:
    """Start `count` workers of `rate` requests a second each; leave none behind."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.exactness_worker", kind, service, str(rate)],
            cwd=commands.ROOT,
            env={
                **os.environ,
                **environment,
                "PYTHONPATH": f"{commands.ROOT}:{commands.ROOT / 'backend-flask'}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        yield Workers(kind, started)
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
            process.wait()
