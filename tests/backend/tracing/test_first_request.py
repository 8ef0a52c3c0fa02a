"""A process that nobody starts tracing in: its first requests do."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from services.tracing import Tracing, TracingSettings, init_tracing, lifecycle
from services.tracing.errors import ResourceError
from services.tracing.resources import LoadedResources
from tests.backend.tracing.servers import WAIT_SECONDS

SETTINGS = TracingSettings(parameter_path="/a/b/c", region="us-east-1")


def _application() -> tuple[Flask, Tracing]:
    app = Flask("first")

    @app.get("/")
    def root() -> str:
        return "served"

    return app, init_tracing(app, SETTINGS)


def test_all_first_requests_wait_for_one_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried once, and none of them is served before it was."""
    tried: list[int] = []
    is_tried = threading.Event()
    may_fail, all_sent = threading.Event(), threading.Barrier(9)

    def load(_: TracingSettings) -> LoadedResources:
        tried.append(1)
        is_tried.set()
        assert may_fail.wait(WAIT_SECONDS)
        raise ResourceError(["not there"])

    monkeypatch.setattr(lifecycle, "load", load)
    monkeypatch.setattr(lifecycle, "FIRST_REQUEST_SECONDS", WAIT_SECONDS)
    app, tracing = _application()
    served: list[bool] = []

    def get() -> None:
        all_sent.wait(WAIT_SECONDS)
        assert app.test_client().get("/", buffered=True).text == "served"
        served.append(may_fail.is_set())

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(get) for _ in range(8)]
        all_sent.wait(WAIT_SECONDS)
        assert is_tried.wait(WAIT_SECONDS)
        assert served == []
        may_fail.set()
        for one in done:
            one.result(WAIT_SECONDS)
    assert tried == [1]
    assert served == [True] * 8
    assert tracing.status()["problems"] == ["not there"]
    assert app.test_client().get("/", buffered=True).text == "served"
    tracing.shutdown()


def test_a_start_that_takes_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are served untraced, and it goes on behind them."""
    over, goes_on = threading.Event(), threading.Event()

    def load(_: TracingSettings) -> LoadedResources:
        assert over.wait(WAIT_SECONDS)
        goes_on.set()
        raise ResourceError(["not there"])

    monkeypatch.setattr(lifecycle, "load", load)
    monkeypatch.setattr(lifecycle, "FIRST_REQUEST_SECONDS", 0.01)
    app, tracing = _application()
    for _ in range(2):
        response = app.test_client().get("/", buffered=True)
        assert (response.text, response.headers.get("X-Amzn-Trace-Id")) == ("served", None)
    assert not goes_on.is_set()
    over.set()
    assert goes_on.wait(WAIT_SECONDS)
    until = time.monotonic() + WAIT_SECONDS
    while tracing.status()["problems"] != ["not there"]:
        assert time.monotonic() < until
        time.sleep(0.01)
    tracing.shutdown()


def test_off_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is set nothing is tried."""
    monkeypatch.setattr(lifecycle, "load", lambda _: pytest.fail("AWS was asked"))
    app = Flask("off")
    tracing = init_tracing(app, TracingSettings())
    assert app.test_client().get("/nothing", buffered=True).status_code == 404
    assert tracing.status()["mode"] == "off"
    tracing.shutdown()
