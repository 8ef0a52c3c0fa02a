"""``python -m bench.memory_process <requests> <step>``: tells the resident memory every so many requests."""

from __future__ import annotations

import json
import os
import sys
import time

import psutil
from opentelemetry import trace

from bench.application import cpu_seconds, create_app
from services.tracing import Tracing, TracingSettings, init_tracing

SETTLE_SECONDS = 30
POLL_SECONDS = 0.005
BEHIND_MAX_SPANS = 1024


def main(arguments: list[str]) -> int:
    """Serve the requests; a step's memory is read once all that it recorded is sent."""
    requests, step = map(int, arguments)
    tracer = trace.get_tracer("bench")
    app = create_app(lambda: tracer.start_as_current_span("work"))
    tracing = init_tracing(app, TracingSettings.from_environment(os.environ))
    tracing.start()
    for served in range(step, requests + 1, step):
        cpu_seconds(app, step, lambda: _keep_pace(tracing))
        resident = psutil.Process().memory_info().rss
        sys.stdout.write(json.dumps({"requests": served, "resident_bytes": resident}) + "\n")
        sys.stdout.flush()
    tracing.shutdown()
    return 0


def _keep_pace(tracing: Tracing) -> None:
    """Wait while a sink is some batches behind: a queue that overflowed would hide its own memory."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        status = tracing.status()
        queue = status["queue"]
        behind = max(queue["recorded"] - sink["sent"] for sink in status["sinks"].values())
        if behind <= BEHIND_MAX_SPANS:
            return
        if queue["dropped"] or time.monotonic() > deadline:
            raise RuntimeError(f"the sinks don't keep pace: {queue}, {status['sinks']}")
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
