"""Load on a backend from several connections, each request with a trace id of its own.

The ids are the caller's, sent as a load balancer sends them (Root only): what the sinks have of a request
can be looked up even where no answer came.
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from tests.end_to_end.backend import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.backend.process.backend_process import BackendProcess

CONNECTIONS = 4
PACE_SECONDS = 0.01
"""Between two requests of a connection: the load is steady, and the sinks' content stays readable."""
PATH = "/api/activities/home"
SPANS = 2
"""What a GET of PATH records: the server span and `home-activities`."""


@dataclass
class Load:
    """Trace ids of the requests that were sent, and of those that were answered 200."""

    asked: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    others: list[int] = field(default_factory=list)

    def grow(self, more: int) -> None:
        """Wait until `more` requests than now are answered."""
        enough = len(self.answered) + more
        until(lambda: len(self.answered), lambda count: count >= enough)


@contextmanager
def load_on(backend: BackendProcess) -> Iterator[Load]:
    """Keep every connection busy inside the block; a connection that is cut is made anew."""
    load, stop = Load(), threading.Event()
    clients = [
        threading.Thread(target=_keep_asking, args=(backend.url(PATH), load, stop))
        for _ in range(CONNECTIONS)
    ]
    for client in clients:
        client.start()
    try:
        yield load
    finally:
        stop.set()
        for client in clients:
            client.join()


def _keep_asking(url: str, load: Load, stop: threading.Event) -> None:
    session = requests.Session()
    while not stop.wait(PACE_SECONDS):
        trace_id = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        load.asked.add(trace_id)
        try:
            response = session.get(url, headers={"X-Amzn-Trace-Id": f"Root={trace_id}"}, timeout=20)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            session.close()
            session = requests.Session()
            continue
        if response.status_code == 200:
            load.answered.add(trace_id)
        else:
            load.others.append(response.status_code)
    session.close()
