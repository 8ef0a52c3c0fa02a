"""``python -m tests.end_to_end.hostile_process <case> ...``: a traced application that abuses its tracing.

Prints a line of JSON for each case: what reached the application, and what became of the spans.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import psutil
from flask import Flask

from services.tracing import Tracing, TracingSettings, init_tracing
from tests.end_to_end import hostile_spans

SETTLE_SECONDS = 60
POLL_SECONDS = 0.02
WARM_UP = 300


def main(names: list[str]) -> int:
    """Run the cases in requests of one application."""
    app = Flask("hostile")
    failures: list[str] = []

    @app.get("/case/<name>")
    def case(name: str) -> str:
        try:
            getattr(hostile_spans, name)()
        except BaseException:  # noqa: BLE001 (whatever it is, it reached the application)
            failures.append(traceback.format_exc())
        return "done"

    @app.get("/calm")
    def calm() -> str:
        return "calm"

    tracing = init_tracing(app, TracingSettings.from_environment(os.environ))
    tracing.start()
    client = app.test_client()
    for _ in range(WARM_UP):
        client.get("/calm").close()
    _settled(tracing)
    for name in names:
        failures.clear()
        before, memory = _counts(tracing), psutil.Process().memory_info().rss
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
        response = client.get(f"/case/{name}")
        response.close()  # with the body ends the server span
        trace_id = dict(part.split("=", 1) for part in response.headers["X-Amzn-Trace-Id"].split(";"))["Root"]
        after = _settled(tracing)
        _say(
            {
                "case": name,
                "status": response.status_code,
                "trace_id": trace_id,
                "failures": failures,
                "counts": {key: after[key] - before[key] for key in after},
                "grown_bytes": _peak_bytes() - memory,
            }
        )
    tracing.shutdown()
    return 0


def _peak_bytes() -> int:
    """Return the most memory that was resident at once (proc_pid_status(5), VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def _counts(tracing: Tracing) -> dict[str, int]:
    """Return recorded spans, and for each sink what it sent and dropped, the queue's losses included."""
    status = tracing.status()
    queue = status["queue"]
    counts = {"recorded": queue["recorded"]}
    for name, sink in status["sinks"].items():
        counts[f"{name}.sent"] = sink["sent"]
        counts[f"{name}.dropped"] = queue["dropped"] + sum(sink["dropped"].values())
    return counts


def _settled(tracing: Tracing) -> dict[str, int]:
    """Wait until every sink has sent or dropped what was recorded; what never settles shows in the counts."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        counts = _counts(tracing)
        sinks = {name.partition(".")[0] for name in counts if "." in name}
        done = all(counts[f"{name}.sent"] + counts[f"{name}.dropped"] == counts["recorded"] for name in sinks)
        if done or time.monotonic() > deadline:
            return counts
        time.sleep(POLL_SECONDS)


def _say(document: Any) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
