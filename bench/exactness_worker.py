"""``python -m bench.exactness_worker ours|library <service> <requests a second>``: one worker under load.

ours      the backend's tracing, its sampler and its poller, in requests of a Flask application
library   aws_xray_sdk's sampler with its pollers, asked about the same requests

Requests come evenly from the start on. Each line on standard input is answered with a line of JSON:
``quota`` with the quota at the moment, ``stop`` with what each second held, after everything was sent.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from werkzeug.test import Client

from bench.application import PATH, create_app

HOST = "127.0.0.1"
SETTLE_SECONDS = 30
POLL_SECONDS = 0.1


@dataclass
class Second:
    """What one second of the clock held; `trace_ids` of the sampled requests, 32 hex digits each."""

    requests: int = 0
    sampled: int = 0
    trace_ids: list[str] = field(default_factory=list)


class Sampled(Protocol):
    """A sampler at work."""

    def request(self) -> tuple[bool, str]:
        """Serve a request; return whether it was sampled, and under which trace id."""

    def quota(self) -> int | None:
        """Return the rule's quota at the moment."""

    def close(self) -> None:
        """Send everything."""


class Ours:
    """The backend's tracing."""

    def __init__(self, service: str) -> None:
        from services.tracing import TracingSettings, init_tracing

        app = create_app(nullcontext)
        settings = TracingSettings.from_environment({**os.environ, "OTEL_SERVICE_NAME": service})
        self._tracing = init_tracing(app, settings)
        self._tracing.start()
        self._client = Client(app)
        self._rule = service

    def request(self) -> tuple[bool, str]:
        """Ask with `Sampled=?`: the answer says what was decided."""
        trace_id = f"{int(time.time()):08x}{secrets.token_hex(12)}"
        header = f"Root=1-{trace_id[:8]}-{trace_id[8:]};Sampled=?"
        with self._client.get(PATH, headers={"X-Amzn-Trace-Id": header}) as response:
            if response.status_code != 200:
                raise RuntimeError(f"the application answered {response.status}")
            return "Sampled=1" in response.headers["X-Amzn-Trace-Id"], trace_id

    def quota(self) -> int | None:
        """Return what /health/tracing says."""
        rules = self._tracing.status()["rules"]
        quota: int | None = next(rule["quota"] for rule in rules if rule["name"] == self._rule)
        return quota

    def close(self) -> None:
        """Send everything. Raises RuntimeError where that fails: the count would be wrong."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not self._is_sent():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not everything was sent: {self._tracing.status()['sinks']}")
            time.sleep(POLL_SECONDS)
        self._tracing.shutdown()

    def _is_sent(self) -> bool:
        status = self._tracing.status()
        return all(sink["sent"] == status["queue"]["recorded"] for sink in status["sinks"].values())


class Library:
    """aws_xray_sdk's sampler."""

    def __init__(self, service: str) -> None:
        from aws_xray_sdk.core import xray_recorder

        xray_recorder.configure(service=service, sampling=True)
        self._sampler = xray_recorder.sampler
        self._service = service

    def request(self) -> tuple[bool, str]:
        """Ask as the library's Flask middleware does."""
        asked = {"host": HOST, "method": "GET", "path": PATH, "service": self._service}
        return bool(self._sampler.should_trace(asked)), ""

    def quota(self) -> int | None:
        """Look into its cache: it tells nobody."""
        rules = self._sampler._cache.rules  # noqa: SLF001
        return next((rule.reservoir.quota for rule in rules if rule.name == self._service), None)

    def close(self) -> None:
        """Do nothing: nothing is recorded."""


def main(arguments: list[str]) -> int:
    """Serve requests until told to stop; the load is this process's main thread."""
    kind, service, rate = arguments[0], arguments[1], float(arguments[2])
    sampler: Sampled = Ours(service) if kind == "ours" else Library(service)
    stop = threading.Event()
    threading.Thread(target=_answer, args=(sampler, stop), daemon=True).start()
    seconds = _serve(sampler, rate, stop)
    sampler.close()
    _say({second: asdict(held) for second, held in seconds.items()})
    return 0


def _serve(sampler: Sampled, rate: float, stop: threading.Event) -> dict[int, Second]:
    """Make a request every 1/rate seconds, those that are late at once."""
    seconds: dict[int, Second] = {}
    due = time.monotonic()
    while not stop.wait(max(0.0, due - time.monotonic())):
        second = seconds.setdefault(int(time.time()), Second())
        is_sampled, trace_id = sampler.request()
        second.requests += 1
        if is_sampled:
            second.sampled += 1
            second.trace_ids.append(trace_id)
        due += 1 / rate
    return seconds


def _answer(sampler: Sampled, stop: threading.Event) -> None:
    for line in sys.stdin:
        if line.strip() == "stop":
            break
        _say({"quota": sampler.quota()})
    stop.set()


def _say(document: Any) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
