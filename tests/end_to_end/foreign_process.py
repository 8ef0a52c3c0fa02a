"""A sample of another_app/ in a process of its own, with an upstream and an OTLP receiver of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.backend.process.backend_process import BackendProcess, free_port
from tests.backend.tracing.servers import Answer, HttpServer, http_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.end_to_end.backend import Stage

PACKAGE = "tests.end_to_end.another_app"
"""The samples keep their place in the other folder, so that they are checked here as what runs there."""


def gunicorn(variant: str, *options: str) -> tuple[str, ...]:
    """Return how a sample is served by plain gunicorn, without a configuration of ours."""
    return (
        sys.executable,
        "-m",
        "gunicorn",
        f"{PACKAGE}.{variant}:app",
        *(options or ("-k", "gthread", "--threads", "8")),
    )


def flask_run(variant: str) -> tuple[str, ...]:
    """Return how a sample is served by the development server."""
    return (sys.executable, "-m", "flask", "--app", f"{PACKAGE}.{variant}", "run")


@contextmanager
def serving(
    folder: Path, output: Path, command: Sequence[str], environment: dict[str, str]
) -> Iterator[BackendProcess]:
    """Run *command* in the folder; enter once it listens, without having sent it a request."""
    port = free_port()
    where = ("-b", f"127.0.0.1:{port}") if "gunicorn" in command else ("--port", str(port))
    stdout, stderr = output / "stdout", output / "stderr"
    with stdout.open("wb") as out, stderr.open("wb") as err:
        process = subprocess.Popen(
            ("env", "--default-signal=INT", *command, *where),
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(output),
                "AWS_EC2_METADATA_DISABLED": "true",
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    backend = BackendProcess(process, port, stdout, stderr)
    try:
        _wait_until_listening(backend)
        yield backend
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _wait_until_listening(backend: BackendProcess) -> None:
    """Wait by the program's own words: a connection would be a request to gunicorn's worker."""
    deadline = time.monotonic() + 60
    while not ("Booting worker" in backend.output() or "Running on http" in backend.output()):
        assert backend.process.poll() is None, backend.output()
        assert time.monotonic() < deadline, backend.output()
        time.sleep(0.05)


def their_spans(receiver: HttpServer) -> list[Span]:
    """Return what the application's own exporter sent."""
    return [
        span
        for request in list(receiver.requests)
        for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@contextmanager
def surroundings(stage: Stage) -> Iterator[tuple[dict[str, str], HttpServer, HttpServer]]:
    """Run an upstream and a receiver of theirs; yield the environment and both."""
    with http_server(lambda _: Answer()) as upstream, http_server(lambda _: Answer()) as theirs:
        environment = stage.environment(UPSTREAM=upstream.url, THEIR_ENDPOINT=f"{theirs.url}/v1/traces")
        yield environment, upstream, theirs
