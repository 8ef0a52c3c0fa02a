"""One id for each request: answered, in all its lines, and in no other's."""

import json
import logging
import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from opentelemetry.instrumentation.threading import ThreadingInstrumentor

from app import create_app
from services.logging.request_formatter import RequestFormatter
from services.logging.request_id import current_request_id
from services.tracing.settings import TracingSettings
from settings import Settings

log = logging.getLogger("test.request_id")


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(RequestFormatter())
        self.documents: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.documents.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[_Lines]:
    """The lines of this module's logger."""
    handler = _Lines()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)


@pytest.fixture
def app() -> Flask:
    """An application that logs in its view, in a thread, and while its body is made."""
    app = create_app(Settings(tracing=TracingSettings(sampler="always_off")))

    @app.get("/lines")
    def view() -> Iterator[bytes]:
        log.info("view")
        thread = threading.Thread(target=log.info, args=("thread",))
        thread.start()
        thread.join()

        def body() -> Iterator[bytes]:
            log.info("body")
            yield b"part"
            log.info("body again")

        return body()

    return app


@pytest.mark.parametrize("given", ["a", "Z9._-", "x" * 128])
def test_a_well_formed_id_is_taken_and_answered(app: Flask, given: str) -> None:
    """The caller's, unchanged."""
    assert app.test_client().get("/health", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", " ", "x" * 129, "a b", "a,b", "\u00e9", "a;b", "a\tb"])
def test_others_are_replaced(app: Flask, given: str) -> None:
    """What could be anything is not repeated; each request gets another id."""
    client = app.test_client()
    ids = [
        client.get("/nowhere", headers={"X-Request-Id": given}).headers.getlist("X-Request-Id")
        for _ in range(2)
    ]
    assert ids[0] != ids[1]
    assert all(len(one) == 1 and re.fullmatch("[0-9a-f]{32}", one[0]) for one in ids)


def test_all_lines_of_a_request_carry_it(app: Flask, lines: _Lines) -> None:
    """The view's, a thread's, and those written while the body is made; afterwards there is none."""
    threads = ThreadingInstrumentor()
    threads.instrument(skip_dep_check=True)
    try:
        response = app.test_client().get("/lines", headers={"X-Request-Id": "mine"})
        assert response.data == b"part"
    finally:
        threads.uninstrument()
    assert [line["message"] for line in lines.documents] == ["view", "thread", "body", "body again"]
    assert {line["request_id"] for line in lines.documents} == {"mine"}
    assert lines.documents[0]["route"] == "/lines"
    assert current_request_id() is None
    log.info("outside")
    assert "request_id" not in lines.documents[-1]


def test_errors_have_an_id_too(app: Flask) -> None:
    """An unhandled exception is answered with the id that its line has."""

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("broken")

    response = app.test_client().get("/broken", headers={"X-Request-Id": "mine"})
    assert (response.status_code, response.headers["X-Request-Id"]) == (500, "mine")
