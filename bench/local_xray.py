"""An X-Ray to measure, ours or moto's: a process on loopback, and the calls that the benchmarks make."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench import commands
from bench.plain_http import PlainConnection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

START_SECONDS = 60
STOP_SECONDS = 20
CALL_SECONDS = 120
CONNECTIONS = 2
"""Two daemons send at a time: an X-Ray isn't left waiting while one reads its answer."""
_HOST = "127.0.0.1"
_HEADERS = {
    "authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/xray/aws4_request,"
    " SignedHeaders=host, Signature=0",
    "host": "xray.us-east-1.amazonaws.com",
    "content-type": "application/json",
}


class XRay:
    """An X-Ray that answers on a port of loopback."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self._port = port
        self.pid = process.pid

    def call(self, path: str, parameters: Any) -> Any:
        """Make one call and return its result. Raises CommandFailedError for any but 200."""
        connection = PlainConnection(_HOST, self._port, _HEADERS, CALL_SECONDS)
        try:
            return _call(connection, path, json.dumps(parameters).encode())
        finally:
            connection.close()

    def put(self, bodies: Sequence[bytes]) -> float:
        """Send bodies of PutTraceSegments and return the seconds until the last is answered.

        Raises CommandFailedError where one, or a document in it, isn't taken.
        """
        failures: list[Exception] = []

        def send(own: Sequence[bytes]) -> None:
            connection = PlainConnection(_HOST, self._port, _HEADERS, CALL_SECONDS)
            try:
                for body in own:
                    refused = _call(connection, "/TraceSegments", body).get("UnprocessedTraceSegments")
                    if refused:
                        failures.append(ValueError(f"{len(refused)} documents weren't taken: {refused[0]}"))
            except (commands.CommandFailedError, OSError, ValueError) as error:
                failures.append(error)
            finally:
                connection.close()

        shares = [bodies[first::CONNECTIONS] for first in range(CONNECTIONS)]
        threads = [threading.Thread(target=send, args=(share,)) for share in shares]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        if failures:
            raise commands.CommandFailedError(f"PutTraceSegments: {failures[0]}")
        return took


def _call(connection: PlainConnection, path: str, body: bytes) -> Any:
    answer = connection.post(path, body)
    if answer.status != 200:
        raise commands.CommandFailedError(f"{path} answers {answer.status}: {answer.body[:300]!r}")
    return json.loads(answer.body)


@contextmanager
def ours() -> Iterator[XRay]:
    """Run the local cloud."""
    with _process([sys.executable, "-m", "localcloud"], stdout=subprocess.PIPE) as process:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise commands.CommandFailedError("the local cloud doesn't start: see its log above")
        port = urlsplit(json.loads(line)["aws_endpoint_url"]).port or 0
        yield XRay(port, process)


@contextmanager
def motos() -> Iterator[XRay]:
    """Run moto's own server."""
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port = free.getsockname()[1]
    server = Path(sys.executable).with_name("moto_server")
    command = [str(server), "-H", _HOST, "-p", str(port)]
    with _process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _wait_for(port)
        yield XRay(port, process)


@contextmanager
def _process(command: list[str], **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=commands.ROOT, stdin=subprocess.DEVNULL, **pipes)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise commands.CommandFailedError(f"moto's server doesn't answer on port {port}") from error
            time.sleep(0.05)
        else:
            return
