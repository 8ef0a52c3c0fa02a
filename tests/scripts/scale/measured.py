"""``python -m tests.scripts.scale.measured``: what the backend sends of a request, to both sinks, in bytes.

The backend's own application, four of its pages, callers that all differ, every request sampled, as a task
on Fargate tells of itself. Prints one JSON object, amounts a request: `spans`, `otlp_bytes`,
`otlp_wire_bytes` (as sent: gzipped), `xray_bytes` (the segment documents, without the daemon's header),
`xray_wire_bytes` (as strings within PutTraceSegments' JSON), `answer_bytes` (bodies) and `log_bytes`; and of
the largest answer `largest_answer_bytes`, with the headers that the application sets.
"""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from random import Random

from tests.backend.tracing.cloud import cloud
from tests.backend.tracing.servers import Answer, Request, http_server
from tests.backend.tracing.test_lifecycle import leading_to

REQUESTS = 1000
BATCH_REQUESTS = 100
_PAGES = (
    "/api/activities/home",
    "/api/activities/@user{}",
    "/api/activities/search?term=word{}",
    "/api/activities/00000000-0000-4000-8000-0000{:08x}",
)
_HEADER_END = b"\n"
_ACCOUNT, _ID = "123456789012", "0123456789abcdef0123456789abcdef"
# What the resource detectors find in a task (OpenTelemetry's semantic conventions, cloud and aws.ecs).
_CLUSTER = f"arn:aws:ecs:us-east-1:{_ACCOUNT}:cluster/cruddur-prod"
_RESOURCE = {
    "deployment.environment.name": "prod",
    "cloud.provider": "aws",
    "cloud.platform": "aws_ecs",
    "cloud.region": "us-east-1",
    "cloud.account.id": _ACCOUNT,
    "aws.ecs.launchtype": "fargate",
    "aws.ecs.cluster.arn": _CLUSTER,
    "aws.ecs.task.arn": f"arn:aws:ecs:us-east-1:{_ACCOUNT}:task/cruddur-prod/{_ID}",
    "aws.ecs.task.family": "cruddur-prod-backend-flask",
    "container.name": "backend",
    "container.id": _ID * 2,
}


def main() -> int:
    """Serve the requests, wait until all is sent, print the sizes."""
    wire: list[int] = []
    raw: list[int] = []
    datagrams: list[bytes] = []

    def answer(request: Request) -> Answer:
        wire.append(int(request.headers["content-length"]))
        raw.append(len(request.body))
        return Answer()

    with (
        http_server(answer) as collector,
        cloud(collector.url) as aws,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon,
    ):
        daemon.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        daemon.bind(("127.0.0.1", 0))
        daemon_address = daemon.getsockname()
        os.environ |= leading_to(aws, daemon_address)
        os.environ |= {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "OTEL_RESOURCE_ATTRIBUTES": ",".join(f"{name}={value}" for name, value in _RESOURCE.items()),
        }
        reader = threading.Thread(target=_read, args=(daemon, datagrams), daemon=True)
        reader.start()
        lines = io.StringIO()
        with redirect_stdout(lines), redirect_stderr(lines):
            answered, largest, spans = _serve()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", daemon_address)
        reader.join()
    documents = [datagram.partition(_HEADER_END)[2] for datagram in datagrams]
    if len(documents) != spans:
        raise RuntimeError(f"{len(documents)} documents of {spans} spans arrived")
    found = {
        "spans": spans,
        "otlp_bytes": sum(raw),
        "otlp_wire_bytes": sum(wire),
        "xray_bytes": sum(map(len, documents)),
        "xray_wire_bytes": sum(len(json.dumps(document.decode())) for document in documents),
        "answer_bytes": answered,
        "log_bytes": len(lines.getvalue().encode()),
    }
    each = {name: amount / REQUESTS for name, amount in found.items()}
    sys.stdout.write(json.dumps({**each, "largest_answer_bytes": largest}) + "\n")
    return 0


def _read(daemon: socket.socket, datagrams: list[bytes]) -> None:
    """Gather datagrams until an empty one."""
    while data := daemon.recv(65_536):
        datagrams.append(data)


def _serve() -> tuple[int, int, int]:
    """Return the bytes of all answers' bodies, those of the largest answer, and how many spans there were."""
    from opentelemetry import trace

    from app import create_app, tracing_of
    from settings import Settings

    application = create_app(Settings.from_environment(os.environ))
    tracing = tracing_of(application)
    tracing.start()
    client = application.test_client()
    random = Random(1)
    answered = largest = 0
    for number in range(REQUESTS):
        caller = {
            "Host": "api.example.test",
            "X-Forwarded-For": ".".join(str(random.randrange(1, 255)) for _ in range(4)),
            "X-Forwarded-Proto": "https",
            "User-Agent": f"Mozilla/5.0 (X11; Linux x86_64; rv:{random.randrange(90, 150)}.0) Firefox",
        }
        answer = client.get(random.choice(_PAGES).format(random.getrandbits(32)), headers=caller)
        answered += len(answer.data)
        largest = max(largest, len(answer.data) + len(str(answer.headers).encode()))
        answer.close()  # a server span ends when its answer has been taken
        if number % BATCH_REQUESTS == BATCH_REQUESTS - 1:
            trace.get_tracer_provider().force_flush(10_000)  # type: ignore[attr-defined]
    tracing.shutdown()
    status = tracing.status()
    if status["queue"]["dropped"]:
        raise RuntimeError(f"spans were dropped: {status['queue']}")
    return answered, largest, int(status["queue"]["recorded"])


if __name__ == "__main__":
    sys.exit(main())
