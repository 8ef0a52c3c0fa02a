"""``request.throughput``: requests a second and p99 under gunicorn, against plain Flask.

gthread, 2 workers, the local stack's rule (5 traces a second and a tenth of the rest), two spans a sampled
request. The server, both workers, has one core for itself; wrk and the local cloud have the others, and are
far from filling them: the server limits every run. Plain Flask and ours with sinks that are up, down (nothing
listens there) and slow (Honeycomb answers after 2 s) take turns.

Two loads: connections that are always busy say how many requests a second there are, and ``p99_added`` what
the slowest hundredth waits then, which is mostly the length of the queue. ``paced.p99_added`` is the same
with connections that pause between requests: less than half of what plain Flask could serve.
"""

from __future__ import annotations

import json
import statistics
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

from bench import cores, gunicorn, local_cloud, wrk
from bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = (
    "request.throughput",
    "request.throughput.sinks_down",
    "request.throughput.sinks_slow",
)
WORKERS = 2
CONNECTIONS = 8
"""Four for each worker: always one that waits, and not so many that p99 is the length of the queue alone."""
PACED_MILLISECONDS = 5
SECONDS = 4
ROUNDS = 5
WARM_UP_SECONDS = 2
SLOW_SECONDS = 2
PAUSE_SECONDS = 2.5
"""After each turn, so that what it recorded has left before the next begins."""
PARAMETER_PATH = "/cruddur/local/backend-flask"
NOBODY = "127.0.0.1:9"
_FIGURES = {"up": NAMES[0], "down": NAMES[1], "slow": NAMES[2]}
_Loads = dict[str, list[wrk.Load]]


def measure() -> Iterator[Figure]:
    """Yield, for each state of the sinks, requests a second and the p99 added in milliseconds."""
    wrk.require()
    server_cores, other_cores = cores.divide()
    busy: _Loads = {}
    paced: _Loads = {}
    with local_cloud.applied() as addresses, cores.local_cloud_on(other_cores), ExitStack() as servers:
        honeycomb = addresses["HONEYCOMB_API_ENDPOINT"]
        urls = {
            name: servers.enter_context(
                gunicorn.serving(application, environment, workers=WORKERS, cores=server_cores)
            )
            for name, (application, environment) in _servers(addresses).items()
        }
        for url in urls.values():
            wrk.run(url, connections=CONNECTIONS, seconds=WARM_UP_SECONDS, cores=other_cores)
        for _ in range(ROUNDS):
            for name, url in urls.items():
                _delay(honeycomb, SLOW_SECONDS if name == "slow" else None)
                for loads, pause in ((busy, 0), (paced, PACED_MILLISECONDS)):
                    load = wrk.run(
                        url,
                        connections=CONNECTIONS,
                        seconds=SECONDS,
                        cores=other_cores,
                        pause_milliseconds=pause,
                    )
                    loads.setdefault(name, []).append(load)
                _delay(honeycomb, None)
                time.sleep(PAUSE_SECONDS)
    rates = {
        name: statistics.median(load.requests_per_second for load in runs) for name, runs in busy.items()
    }
    for name, figure in _FIGURES.items():
        yield Figure.of(figure, rates[name], "requests/s", rates["plain"])
        yield _p99_added(f"{figure}.p99_added", busy, name)
        yield _p99_added(f"{figure}.paced.p99_added", paced, name)


def _p99_added(figure: str, loads: _Loads, name: str) -> Figure:
    plain, ours = (
        statistics.median(load.p99_milliseconds for load in loads[which]) for which in ("plain", name)
    )
    return Figure.of(figure, ours - plain, "ms", plain)


def _servers(addresses: dict[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    up = {**addresses, "TRACING_PARAMETER_PATH": PARAMETER_PATH, "TRACING_REQUIRED": "true"}
    down = {
        "AWS_XRAY_DAEMON_ADDRESS": NOBODY,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{NOBODY}",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=nobody",
    }
    return {
        "plain": ("plain", {}),
        "up": ("ours", up),
        "down": ("ours", {**up, **down}),
        "slow": ("ours", up),
    }


def _delay(honeycomb: str, seconds: float | None) -> None:
    """Let the local Honeycomb answer late, or as usual again."""
    body = None if seconds is None else json.dumps({"delay_seconds": seconds}).encode()
    method = "DELETE" if body is None else "PUT"
    request = Request(f"{honeycomb}/_localcloud/faults", data=body, method=method)  # noqa: S310 (loopback)
    with urlopen(request, timeout=10):  # noqa: S310
        pass
