"""Stack alarms: its patterns take the lines that the backend writes, with their counts, and no others."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.backend.process.backend_process import GUNICORN, free_port, started
from tests.terraform.commands import APP
from tests.terraform.log_patterns import matches, value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOME = "/api/activities/home"
DROPS = APP / "stacks" / "alarms" / "drops.tf"


def patterns(sink: str, outcome: str) -> dict[str, tuple[str, str]]:
    """Return pattern and value of each filter by its name, the counted ones for *sink* and *outcome*."""
    text = DROPS.read_text().replace("${pair[0]}", sink).replace("${pair[1]}", outcome)
    found = re.findall(r"pattern += (\"(?:[^\"\\]|\\.)*\"), *value += \"([^\"]+)\"", text)
    found += re.findall(r"pattern += (\"(?:[^\"\\]|\\.)*\")\n +value += \"([^\"]+)\"", text)
    assert len(found) == 5
    names = ("collector-failed", f"spans-{outcome}-{sink}", "worker-killed", "sink-down", "key-refused")
    return {
        name: (json.loads(pattern), selector) for name, (pattern, selector) in zip(names, found, strict=True)
    }


def taken(name: str, lines: list[str], sink: str = "honeycomb", outcome: str = "dropped") -> list[float]:
    """Return what the metric *name* gets of *lines*."""
    pattern, selector = patterns(sink, outcome)[name]
    return [value(selector, line) for line in lines if matches(pattern, line)]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a backend wrote whose back end is down, from its start to its end."""
    folder: Path = tmp_path_factory.mktemp("backend")
    environment = {
        "GUNICORN_WORKERS": "2",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}",
        "OTEL_TRACES_SAMPLER": "always_on",
        "TRACING_SHUTDOWN_DEADLINE": "1",
    }
    with started(GUNICORN, folder, environment) as backend:
        backend.wait_until_serving()
        for _ in range(10):
            assert backend.get(HOME).ok
        assert backend.stop() == 0
        return backend.output().splitlines()


def test_dropped_spans_are_counted_once_and_whole(lines: list[str]) -> None:
    """The master's line alone, with the number that it says; the workers' own lines aren't added to it."""
    [told] = [json.loads(line) for line in lines if '"all workers have ended' in line]
    counted = told["sinks"]["honeycomb"]
    assert counted["dropped"] > 0
    assert taken("spans-dropped-honeycomb", lines) == [counted["dropped"]]
    assert sum('"tracing stopped' in line for line in lines) == 2
    assert taken("spans-dropped-xray", lines, sink="xray") == []
    lost = [counted["lost"]] if counted["lost"] else []
    assert taken("spans-lost-honeycomb", lines, outcome="lost") == lost


def test_a_sink_that_is_down_is_seen_at_once(lines: list[str]) -> None:
    """Each worker says so once, long before it ends."""
    found = [line for line in lines if " is down: it can't be reached" in line]
    assert found
    assert taken("sink-down", found) == [1.0] * len(found)
    assert len(taken("sink-down", lines)) == len(found)


def test_a_refused_key_is_seen(tmp_path: Path) -> None:
    """A back end that answers 401 is no sink that is down: the line is another one."""
    with serving(401) as url:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_TRACES_SAMPLER": "always_on"}
        with started(GUNICORN, tmp_path, environment | {"GUNICORN_WORKERS": "1"}) as backend:
            backend.wait_until_serving()
            assert backend.get(HOME).ok
            assert backend.stop() == 0
            told = backend.output().splitlines()
    assert taken("key-refused", told) == [1.0]
    assert taken("sink-down", told) == []
    assert sum(taken("spans-dropped-honeycomb", told)) > 0


@contextmanager
def serving(status: int) -> Iterator[str]:
    """Answer every POST with *status*, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_killed_workers_line_and_the_collectors_are_taken() -> None:
    """As gunicorn.conf.py and the collector's exporter helper word them, the latter as JSON."""
    killed = {"level": "WARNING", "message": "worker 7 ended with spans that it had not sent: 3 for xray"}
    assert taken("worker-killed", [json.dumps(killed)]) == [1.0]
    given_up = [
        {"level": "error", "msg": "Exporting failed. Dropping data.", "dropped_items": 12},
        {"level": "error", "msg": "Exporting failed. Rejecting data.", "rejected_items": 1},
    ]
    assert taken("collector-failed", [json.dumps(one) for one in given_up]) == [1.0, 1.0]
    for file in ("collector.yaml", "collector-direct.yaml"):
        assert "logs:\n      encoding: json\n" in (APP / "stacks" / "service" / file).read_text()


def test_other_lines_are_not_taken(lines: list[str]) -> None:
    """Neither what log shipping says of itself, nor a run without losses, a retry, nor what is no JSON."""
    others = [
        json.dumps(document)
        for document in (
            {
                "level": "WARNING",
                "logger": "services.logging.shipping",
                "message": "x, then dropped and counted",
            },
            {"level": "INFO", "sinks": {"honeycomb": {"sent": 5, "dropped": 0, "lost": 0}}},
            {"level": "INFO", "sinks": {"honeycomb": {"sent": 5, "dropped": {"401": 3}}}},
            {"level": "INFO", "message": "honeycomb is back"},
            {"level": "info", "msg": "Exporting failed. Will retry the request after interval."},
        )
    ]
    for name in ("spans-dropped-honeycomb", "worker-killed", "sink-down", "key-refused", "collector-failed"):
        assert taken(name, [*others, "no JSON", ""]) == []


@pytest.mark.parametrize("text", ["{ $.a = 1 || $.b = 2 }", "[a, b]", '{ $.a = "b*c" }', "{ $.a != 1 }"])
def test_a_pattern_that_is_not_understood_is_no_match(text: str) -> None:
    """It raises: nothing here passes for a pattern that this matcher doesn't know."""
    with pytest.raises(ValueError, match=r"neither|comparison|compared"):
        matches(text, '{"a": 1}')
