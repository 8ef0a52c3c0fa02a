"""A daemon in a thread of its own, and the AWS endpoint that it talks to."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from aws_xray_sdk.core import xray_recorder

from localcloud.daemon import Daemon, create_daemon
from localcloud.daemon.connection import Answer
from localcloud.daemon.http_server import Request, serve_connection

T = TypeVar("T")

HEADER = b'{"format":"json","version":1}\n'
PATIENCE_SECONDS = 20


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; fail the test if it doesn't within a generous time."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "the condition did not come to hold"
        time.sleep(0.01)


class LoopThread:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_SECONDS)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@dataclass
class Endpoint:
    """An X-Ray endpoint that records requests; `answer` says what each gets."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answer: Callable[[Request], Answer] = field(
        default=lambda _: json_answer({"UnprocessedTraceSegments": []})
    )
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def documents(self) -> list[str]:
        """Every segment document received so far."""
        return [
            document
            for request in self.requests
            if request.target == "/TraceSegments"
            for document in json.loads(request.body)["TraceSegmentDocuments"]
        ]

    async def serve(self) -> asyncio.Server:
        async def handle(request: Request) -> Answer:
            self.requests.append(request)
            return self.answer(request)

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            task = asyncio.ensure_future(serve_connection(reader, writer, handle))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._tasks: set[asyncio.Future[None]] = set()
        server = await asyncio.start_server(accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def end(self, server: asyncio.Server) -> None:
        server.close()
        await self.drop_connections()

    async def drop_connections(self) -> None:
        """Close what is open, as a server does with idle connections."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def json_answer(document: object, status: int = 200) -> Answer:
    """A JSON answer as X-Ray gives it."""
    return Answer(status, [(b"Content-Type", b"application/json")], json.dumps(document).encode())


@pytest.fixture(scope="session", autouse=True)
def closed_recorder() -> Iterator[None]:
    """Close the socket that aws_xray_sdk opens when it is imported and never closes."""
    yield
    xray_recorder.emitter._socket.close()


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    """The loop in which daemon and endpoint run."""
    loop = LoopThread()
    yield loop
    loop.close()


@pytest.fixture
def endpoint(thread: LoopThread) -> Iterator[Endpoint]:
    """A running X-Ray endpoint."""
    running = Endpoint()
    server = thread.run(running.serve())
    yield running
    thread.run(running.end(server))


@dataclass
class Running:
    """A daemon that runs, with a socket to send to it."""

    daemon: Daemon
    thread: LoopThread
    socket: socket.socket

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.daemon.port}"

    def send(self, packet: bytes) -> None:
        self.socket.sendto(packet, ("127.0.0.1", self.daemon.port))

    def stop(self, deadline: float = 5.0) -> dict[str, int]:
        self.thread.run(self.daemon.stop(deadline))
        return self.daemon.counters()


@contextmanager
def running(thread: LoopThread, url: str, **options: Any) -> Iterator[Running]:
    """Run a daemon in front of `url`."""
    daemon = create_daemon(host="127.0.0.1", port=0, aws_endpoint_url=url, **options)
    thread.run(daemon.start())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        try:
            yield Running(daemon, thread, sender)
        finally:
            thread.run(daemon.stop())


@pytest.fixture
def daemon(thread: LoopThread, endpoint: Endpoint) -> Iterator[Running]:
    """A daemon in front of `endpoint`, which sends batches soon."""
    with running(thread, endpoint.url, flush_interval=0.05) as started:
        yield started
