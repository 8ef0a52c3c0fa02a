"""The application that every variant of the request benchmark serves: one route, a piece of work in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

PATH = "/api/activities/home"
BATCH_REQUESTS = 400


def create_app(work: Callable[[], AbstractContextManager[Any]]) -> Flask:
    """Return the application; *work* opens the variant's own span around the inner piece of work."""
    app = Flask("bench")

    @app.get(PATH)
    def home() -> dict[str, Any]:
        with work():
            return {"activities": [{"handle": "andrew", "message": "hello"}]}

    return app


def cpu_seconds(
    application: Callable[..., Iterable[bytes]], requests: int, settle: Callable[[], None]
) -> float:
    """Serve *requests* requests and return the CPU seconds of the whole process for each.

    *settle* waits until what the batch recorded has left: a queue that overflowed would make its
    owner look cheap. Its CPU counts, its waiting does not.
    """
    environment = _environment()
    for _ in range(BATCH_REQUESTS):
        _serve(application, environment)
    settle()
    began = time.process_time()
    left = requests
    while left > 0:
        for _ in range(min(left, BATCH_REQUESTS)):
            _serve(application, environment)
        left -= BATCH_REQUESTS
        settle()
    return (time.process_time() - began) / requests


def _serve(application: Callable[..., Iterable[bytes]], environment: dict[str, Any]) -> None:
    status: list[str] = []

    def start_response(line: str, _headers: object, _exc_info: object = None) -> Callable[[bytes], object]:
        status.append(line)
        return lambda _: None

    body = application(dict(environment), start_response)
    try:
        for _ in body:
            pass
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    if status != ["200 OK"]:
        raise RuntimeError(f"the benchmark's application answered {status}")


def _environment() -> dict[str, Any]:
    import io
    import sys

    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4567",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:4567",
        "HTTP_USER_AGENT": "bench",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
