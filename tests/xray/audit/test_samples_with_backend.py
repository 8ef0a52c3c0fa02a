"""The samples against documents that the backend really sends, caught where the daemon would be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.backend.tracing.cloud import NAME, PATH, cloud
from tests.backend.tracing.servers import WAIT_SECONDS, Answer, http_server, udp_receiver
from xray.audit import Route, group_effect, sample_documents, traces_of
from xray.filters import parse

ROOT = Path(__file__).resolve().parents[3]
REQUESTS = ("/api/activities/home", "/api/activities/@andrew", "/nowhere", "/demo/failure")
"""Answered 200 with work of its own, 200, 404 and 500: five documents."""
ROUTES = [Route("GET", REQUESTS[0]), Route("GET", REQUESTS[1], "", "GET /api/activities/@<handle>")]
_SERVE = """
import os, sys
from app import create_app, tracing_of
from settings import Settings
app = create_app(Settings.from_environment(os.environ))
tracing_of(app).start()
for path in sys.argv[1:]:
    app.test_client().get(path, buffered=True)
tracing_of(app).shutdown()
"""
_Document = dict[str, Any]


@pytest.fixture(scope="module")
def sent() -> list[_Document]:
    """What the backend sends of one request to each path."""
    with http_server(lambda _: Answer()) as honeycomb, cloud(honeycomb.url) as aws, udp_receiver() as daemon:
        variables = {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "backend-flask")]),
            "TRACING_PARAMETER_PATH": PATH,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": aws.server.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_XRAY_DAEMON_ADDRESS": "{}:{}".format(*daemon.getsockname()),
            "DEMO_ROUTES": "true",
        }
        command = [sys.executable, "-c", _SERVE, *REQUESTS]
        subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True, timeout=60)
        daemon.settimeout(WAIT_SECONDS)
        return [json.loads(daemon.recv(65_536).partition(b"\n")[2]) for _ in range(5)]


def _by_outcome(documents: list[_Document]) -> dict[object, _Document]:
    """Return a document for each status, and for work within a request."""
    return {
        document["http"]["response"]["status"] if "http" in document else "work": document
        for document in documents
    }


@pytest.mark.parametrize("outcome", [200, 404, 500, "work"])
def test_a_sample_has_the_shape_of_a_real_document(sent: list[_Document], outcome: object) -> None:
    """The same fields for each outcome, and no metadata that the backend doesn't send."""
    real, sample = (_by_outcome(documents)[outcome] for documents in (sent, sample_documents(NAME)))
    assert set(sample) == set(real)
    assert sample.get("name") == real["name"] or outcome == "work"
    for block in ("http", "cause", "service", "annotations"):
        assert _shape(sample.get(block)) == _shape(real.get(block)), block
    assert set(sample["metadata"]) == set(real["metadata"])
    assert set(sample["metadata"]["default"]) <= set(real["metadata"]["default"])
    assert [sample.get(flag) for flag in ("error", "fault", "throttle", "type")] == [
        real.get(flag) for flag in ("error", "fault", "throttle", "type")
    ]


def _shape(value: object) -> object:
    """Return which members a value has, and of what kind; of a list, its first one's."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items() if key != "cause"}
    if isinstance(value, list):
        return [_shape(inner) for inner in value[:1]]
    return type(value).__name__


@pytest.mark.parametrize(
    "expression",
    [
        f'service("{NAME}")',
        'service("backend-flash")',
        f'service("{NAME}") {{fault}}',
        f'service(id(name: "{NAME}", type: "AWS::ECS::Container"))',
        f'edge(id(name: "{NAME}", type: "client"), "{NAME}") {{error}}',
        "http.status = 404",
        'http.method = "GET" AND ok AND http.url ENDSWITH "/home"',
        'annotation[http.route] = "/api/activities/@<handle>"',
        'rootcause.fault.exception {message = "division by zero"}',
        "throttle OR partial OR user",
        'http.clientip = "127.0.0.1"',
    ],
)
def test_a_filter_does_to_samples_what_it_does_to_real_traces(sent: list[_Document], expression: str) -> None:
    """It matches one of them where it matches one of the backend's, and else the same parts are unmet."""
    tree = parse(expression)
    samples = traces_of(sample_documents(NAME, routes=ROUTES))
    real, made = (group_effect(tree, traces) for traces in (traces_of(sent), samples))
    assert (made.matched > 0, made.unmet) == (real.matched > 0, real.unmet)
