"""Errors to Rollbar, against a receiver on loopback: what arrives, and what never does."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, request

from app import create_app, log_shipping_of
from services.logging import shipping
from services.logging.settings import LoggingSettings
from services.tracing.settings import TracingSettings
from settings import Settings
from tests.backend.tracing.servers import Answer, HttpServer, http_server

TOKEN = 16 * "r0"
CALLERS = ("c00kie", "qu3ry", "b0dy", "basic-auth")
INNER = "https://user:" + "hidden@example.com/path?q=qu3ry"
OUTER = "Authorization: Basic " + "c2VjcmV0Cg=="


@pytest.fixture
def answers() -> list[Answer]:
    """What the receiver answers, one after the other; then 200."""
    return []


@pytest.fixture
def rollbar(answers: list[Answer]) -> Iterator[HttpServer]:
    """The receiver."""
    with http_server(lambda _: answers.pop(0) if answers else Answer.of({"err": 0})) as server:
        yield server


@contextmanager
def reporting(settings: LoggingSettings) -> Iterator[Flask]:
    """An application that reports, with a route that fails while it holds all that must not leave."""
    app = create_app(
        Settings(tracing=TracingSettings(parameter_path="/p/test/s", disabled=True), logging=settings)
    )

    @app.post("/broken/<name>")
    def broken(name: str) -> str:
        local = request.get_data(as_text=True)
        assert local
        raise ValueError(OUTER) from KeyError(INNER)

    log_shipping_of(app).start()
    yield app
    log_shipping_of(app).stop()


@pytest.fixture
def app(rollbar: HttpServer) -> Iterator[Flask]:
    """Such an application, reporting to the receiver."""
    with reporting(LoggingSettings(rollbar_access_token=TOKEN, rollbar_url=rollbar.url)) as app:
        yield app


def status_of(app: Flask) -> dict[str, Any]:
    """Return what /health/logging says of Rollbar."""
    document: dict[str, Any] = app.test_client().get("/health/logging").json["rollbar"]  # type: ignore[index]
    return document


def until(app: Flask, is_right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the status once it is right."""
    deadline = time.monotonic() + 10
    while not is_right(status := status_of(app)):
        assert time.monotonic() < deadline, status
        time.sleep(0.01)
    return status


def test_the_original_test_route(app: Flask, rollbar: HttpServer) -> None:
    """GET /rollbar/test reports a warning and answers the text; trace and request go along."""
    response = app.test_client().get("/rollbar/test", headers={"X-Request-Id": "mine"})
    assert (response.status_code, response.text) == (200, "Hello World!")
    [sent] = rollbar.wait_for(1)
    assert sent.path == "/item/"
    assert sent.headers["x-rollbar-access-token"] == TOKEN
    assert TOKEN not in sent.body.decode()
    data = sent.json()["data"]
    assert data["body"]["message"]["body"] == "Hello World!"
    assert (data["level"], data["environment"]) == ("warning", "test")
    assert data["custom"] == {"request_id": "mine", "method": "GET", "route": "/rollbar/test"}


def test_an_unhandled_exception_arrives_without_what_the_caller_sent(app: Flask, rollbar: HttpServer) -> None:
    """The chain, its frames, route and ids; no body, cookie, header, query, address or local variable."""
    response = app.test_client().post(
        "/broken/thing?secret=qu3ry",
        data="b0dy",
        headers={"Cookie": "session=c00kie", "Authorization": "Bearer basic-auth", "X-Request-Id": "mine"},
    )
    assert response.status_code == 500
    [sent] = rollbar.wait_for(1)
    text = sent.body.decode()
    for secret in (*CALLERS, "hidden", "c2VjcmV0Cg", "127.0.0.1", TOKEN):
        assert secret not in text, secret
    data = sent.json()["data"]
    assert data["level"] == "error"
    classes = [one["exception"]["class"] for one in data["body"]["trace_chain"]]
    assert classes == ["ValueError", "KeyError"]
    [*_, last] = data["body"]["trace_chain"][0]["frames"]
    assert set(last) == {"filename", "lineno", "method", "code"}
    assert last["method"] == "broken"
    assert data["custom"]["route"] == "/broken/<name>"
    assert data["custom"]["request_id"] == "mine"
    assert "request" not in data
    assert set(data["server"]) == {"host", "pid"}


def test_errors_of_the_log_arrive_and_warnings_do_not(app: Flask, rollbar: HttpServer) -> None:
    """ERROR and above, with the logger's name."""
    logging.getLogger("some.where").warning("no")
    logging.getLogger("some.where").critical("yes %d", 1)
    [sent] = rollbar.wait_for(1)
    data = sent.json()["data"]
    assert (data["body"]["message"]["body"], data["level"]) == ("yes 1", "critical")
    assert data["custom"]["logger"] == "some.where"


def test_it_is_tried_again_and_told_once(
    app: Flask,
    rollbar: HttpServer,
    answers: list[Answer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Rate limits, errors of theirs; a refused token is not tried again; nowhere is the token told."""
    monkeypatch.setattr(shipping, "FIRST_WAIT_SECONDS", 0.001)
    answers += [Answer(429, headers={"Retry-After": "0"}), Answer(502, b"<html>")]
    logging.getLogger("some.where").error("one")
    until(app, lambda status: status["sent"] == 1)
    assert len(rollbar.requests) == 3
    answers.append(Answer(401))
    logging.getLogger("some.where").error("two")
    status = until(app, lambda status: bool(status["dropped"]))
    assert status["dropped"] == {"401": 1}
    assert "check the access token" in status["last_error"]
    own = [record.getMessage() for record in caplog.records if record.name == shipping.__name__]
    assert [text.split(":")[0] for text in own] == [
        "log lines don't reach Rollbar",
        "log lines reach Rollbar again; 0 dropped so far",
        "log lines don't reach Rollbar",
    ]
    assert TOKEN not in caplog.text + repr(status)
    assert len(rollbar.requests) == 4


def test_a_redirect_does_not_take_the_token_along(
    app: Flask, rollbar: HttpServer, answers: list[Answer]
) -> None:
    """Counted as refused."""
    answers.append(Answer(307, headers={"Location": f"{rollbar.url}/elsewhere"}))
    logging.getLogger("some.where").error("one")
    assert until(app, lambda status: bool(status["dropped"]))["dropped"] == {"307": 1}
    assert [one.path for one in rollbar.requests] == ["/item/"]


def test_an_endless_recursion_is_one_item(app: Flask, rollbar: HttpServer) -> None:
    """The beginning and the end of its frames."""

    def again() -> None:
        again()

    try:
        again()
    except RecursionError:
        logging.getLogger("some.where").exception("too deep")
    [sent] = rollbar.wait_for(1)
    data = sent.json()["data"]
    assert len(data["body"]["trace"]["frames"]) == 200
    assert data["title"] == "too deep"


def test_not_configured(rollbar: HttpServer) -> None:
    """Nothing is sent, and the route isn't there."""
    with reporting(LoggingSettings(rollbar_url=rollbar.url)) as app:
        assert app.test_client().get("/rollbar/test").status_code == 404
        logging.getLogger("some.where").error("quiet")
        assert app.test_client().get("/health/logging").json["rollbar"] is None  # type: ignore[index]
    assert rollbar.requests == []


def test_the_token_is_in_no_text_of_ours() -> None:
    """Neither in the settings' repr nor in the error of a malformed one."""
    assert TOKEN not in repr(LoggingSettings(rollbar_access_token=TOKEN))
    assert TOKEN not in json.dumps(str(Settings(logging=LoggingSettings(rollbar_access_token=TOKEN))))
