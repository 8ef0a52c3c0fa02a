"""Honeycomb on the local cloud, with a request in a data set."""

from __future__ import annotations

import secrets as random
import time
from typing import TYPE_CHECKING

import pytest
import requests

from scripts import secrets
from scripts.honeycomb.api import Honeycomb
from scripts.honeycomb.client import Client
from scripts.honeycomb.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.localcloud_process import LocalCloud

DURATION_MS = 1.5


@pytest.fixture
def place(cloud: tuple[Path, LocalCloud]) -> Iterator[Place]:
    """A data set of this test's own, in which one request is: a server's span and one below it."""
    folder, running = cloud
    key = (folder / "honeycomb-key").read_text().strip()
    name = f"board-{random.token_hex(4)}"
    send(running.honeycomb_api_endpoint, key, name)
    honeycomb = Honeycomb(Client(running.honeycomb_api_endpoint, key))
    yield Place(honeycomb, honeycomb.access(), name)
    secrets._known.clear()


def send(endpoint: str, key: str, name: str) -> None:
    """Send one request to /home, which took 1.5 ms just now, to data set *name*, as OTLP/JSON."""
    start = time.time_ns() - 2_000_000
    attributes = {"http.route": "/home", "http.request.method": "GET", "http.response.status_code": "200"}
    server = {
        "traceId": random.token_hex(16),
        "spanId": random.token_hex(8),
        "name": "GET /home",
        "kind": 2,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + int(DURATION_MS * 1e6)),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()],
        "events": [{"name": "looked", "timeUnixNano": str(start)}],
    }
    below = {
        **server,
        "spanId": random.token_hex(8),
        "parentSpanId": server["spanId"],
        "kind": 1,
        "name": "home",
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": name}}]}
    spans = [{"resource": resource, "scopeSpans": [{"spans": [server, below]}]}]
    answer = requests.post(
        f"{endpoint}/v1/traces", json={"resourceSpans": spans}, headers={"x-honeycomb-team": key}, timeout=10
    )
    answer.raise_for_status()
