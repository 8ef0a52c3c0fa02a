"""``traces`` as make runs it, against the local cloud's X-Ray with real traces in it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from scripts import environment, honeycomb_key, paths, secrets
from scripts.commands import traces
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.preflight import Caller
from scripts.session import Session
from scripts.terragrunt.render import Target, Unit
from scripts.traces import links, reading
from scripts.traces.clock import ServiceClock
from scripts.traces.follow import Surroundings, Told, follow
from tests.scripts.traces.drawn import assert_fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripts.traces.conftest import Filled

TIMEOUT_SECONDS = 60


def _words(words: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "scripts", "traces", *words]


def _environment(filled: Filled) -> dict[str, str]:
    return {**os.environ, paths.LOCAL_VARIABLE: str(filled.folder)}


def run(filled: Filled, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        _words(words),
        env=_environment(filled),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


def succeed(filled: Filled, *words: str) -> str:
    """Run the command; it has to be 0, without a word on stderr. Return its output."""
    finished = run(filled, *words)
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stdout + finished.stderr
    return finished.stdout


def document(filled: Filled, *words: str) -> Any:
    """Run the command for JSON; stdout has to be that alone."""
    finished = run(filled, *words, "--format", "json")
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.splitlines()[-1].startswith("traces local: ")
    return json.loads(finished.stdout)


@pytest.fixture(scope="module")
def failed(filled: Filled) -> dict[str, Any]:
    """A request that failed in a table, behind three that didn't; all in X-Ray."""
    base = time.time() - 30
    for place in range(3):
        filled.put(filled.segment("front", start_time=base + place, end_time=base + place + 0.2))
    call = {
        "name": "dynamodb",
        "id": filled.identity(),
        "namespace": "aws",
        "start_time": base + 10.01,
        "end_time": base + 10.4,
        "fault": True,
        "aws": {"operation": "PutItem", "table_name": "users"},
        "cause": {
            "exceptions": [
                {
                    "id": filled.identity(),
                    "type": "TableGone",
                    "message": "\x1b[2Jgone [red]\u202e",
                    "stack": [{"path": "store.py", "line": 7, "label": "put"}],
                }
            ]
        },
    }
    segment = filled.segment(
        "front",
        start_time=base + 10,
        end_time=base + 10.5,
        fault=True,
        annotations={"app.result_length": 3},
        http={"request": {"method": "POST", "url": "http://x.test/api"}, "response": {"status": 500}},
        subsegments=[call],
    )
    filled.put(segment)
    return segment


def test_the_list(filled: Filled, failed: dict[str, Any]) -> None:
    """The newest first, by when they began; LIMIT says how many more there are."""
    lines = succeed(filled).splitlines()
    assert lines[0].split() == ["began", "status", "ms", "trace", "request"]
    assert re.search(rf"fault 500 +500\.0 .* {failed['trace_id']}  POST /api$", lines[1])
    assert [line[:8] for line in lines[1:-1]] == sorted((line[:8] for line in lines[1:-1]), reverse=True)
    assert lines[-1].startswith("traces local: 4 traces in ")
    one = succeed(filled, "--limit", "1").splitlines()
    assert one[:2] == lines[:2]
    assert one[-1].startswith("traces local: the newest 1 of 4 traces in ")
    told = document(filled, "--limit", "3")
    assert told["traces"][0]["Id"] == failed["trace_id"]
    assert (len(told["traces"]), told["more"]["traces"]) == (3, 1)


def test_a_range(filled: Filled, failed: dict[str, Any]) -> None:
    """FROM and UNTIL in any offset; SINCE counts back from UNTIL."""
    second = int(failed["trace_id"][2:10], 16)
    at = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second + more)) for more in (0, 1)]
    told = document(filled, "--from", at[0], "--until", at[1])
    assert failed["trace_id"] in {trace["Id"] for trace in told["traces"]}
    assert failed["trace_id"] not in succeed(filled, "--until", at[0], "--since", "1h")


def test_one_trace(filled: Filled, failed: dict[str, Any]) -> None:
    """Its waterfall, from the id in any form; nothing of a hostile message acts on the terminal."""
    text = succeed(filled, "--trace", f"Root={failed['trace_id']};Sampled=1")
    assert_fits(text, 160)
    assert "    app.result_length=3\n" in text
    assert "      TableGone: \\x1b[2Jgone [red]\\u202e\n      at store.py:7 in put\n" in text
    spans = int(re.search(r"(\d+) spans, 2 failing, 500\.0 ms\n$", text)[1])  # type: ignore[index]
    assert spans >= 2
    assert ", 1 inferred beside 2 spans, 2 failing, " in text
    told = document(filled, "--trace", failed["trace_id"].replace("-", "")[1:])
    assert told["failing"][0] == failed["subsegments"][0]["id"]
    assert told["trace_id"] == failed["trace_id"]


def test_the_next_failing_span(filled: Filled, failed: dict[str, Any]) -> None:
    """The first one, then none behind it; an id that isn't in the trace is refused."""
    words = ("--trace", failed["trace_id"], "--next", "error")
    call = failed["subsegments"][0]["id"]
    told = document(filled, *words)
    assert told["next"] == call
    last = told["failing"][-1]
    assert ", none behind that one\n" in succeed(filled, *words, "--after", last)
    other = run(filled, *words, "--after", "f" * 16)
    assert other.returncode == 2
    assert "has no span 'ffff" in other.stderr


def test_local_traces_have_a_link_to_their_events(filled: Filled, failed: dict[str, Any]) -> None:
    """To the local Honeycomb, not to consoles that don't have them."""
    text = succeed(filled, "--trace", failed["trace_id"])
    (address,) = re.findall(r"http://\S+/_localcloud/\S+", text)
    assert address.startswith(filled.cloud.honeycomb_api_endpoint)
    assert requests.get(address, timeout=10).status_code in (200, 404)
    assert "amazon.com" not in text


def test_the_team_and_environment_of_a_key(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Honeycomb tells them; a key that it does not know is never shown."""
    monkeypatch.setenv(paths.LOCAL_VARIABLE, str(filled.folder))
    endpoint, ui = filled.cloud.honeycomb_api_endpoint, "https://ui.honeycomb.io"
    assert links.place_of(endpoint, honeycomb_key.stored(), ui) == links.Place(ui, "local", "local")
    unknown = "hcaik_" + 58 * "z"
    with pytest.raises(OperatorError, match="HTTP 401") as raised:
        links.place_of(endpoint, unknown, ui)
    assert unknown not in str(raised.value)
    with pytest.raises(OperatorError, match="can't be reached"):
        links.place_of("http://127.0.0.1:1", unknown, ui)


def _dev(endpoint: str) -> Session:
    """A session on dev, whose events go to *endpoint*."""
    target = Target("eu-west-1", "123456789012", "/x", "env.hcl")
    unit = Unit("honeycomb", {"endpoint": endpoint}, "", "", "", "", target)
    caller = Caller("123456789012", "arn:aws:iam::123456789012:user/x", "eu-west-1")
    return Session(environment.Environment("dev", {}), {"honeycomb": unit}, caller, Output())


def test_links_on_aws(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The console always; Honeycomb where a key tells the place; why not is told once, without the key."""
    monkeypatch.setenv(paths.LOCAL_VARIABLE, str(filled.folder))
    opened = _dev(filled.cloud.honeycomb_api_endpoint)
    console = links.console("eu-west-1", opened.caller.arn)
    monkeypatch.setattr(secrets, "_handed_over", {})
    assert traces._links(opened) == console
    key = honeycomb_key.stored()
    monkeypatch.setattr(secrets, "_handed_over", {secrets.KEY_VARIABLE: key})
    assert traces._links(opened) == console, "an endpoint without pages was asked"
    monkeypatch.setattr(links, "ui_of", lambda _: "https://ui.honeycomb.io")
    place = links.Place("https://ui.honeycomb.io", "local", "local")
    assert traces._links(opened) == console.with_honeycomb(place)
    assert capsys.readouterr().out == ""
    unknown = "hcaik_" + 58 * "z"
    monkeypatch.setattr(secrets, "_handed_over", {secrets.KEY_VARIABLE: unknown})
    assert traces._links(opened) == console
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert "there are no links to Honeycomb" in told
    assert unknown not in told
    both = {secrets.KEY_VARIABLE: unknown, secrets.CONFIGURATION_VARIABLE: key}
    monkeypatch.setattr(secrets, "_handed_over", both)
    assert traces._links(opened) == console.with_honeycomb(place)
    opened.any_unit.target.settings["honeycomb_environment"] = "prod"  # type: ignore[index]
    assert traces._links(opened) == console, "a link to another environment"
    assert "the key is of Honeycomb's environment 'local'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--next", "error"), "the list takes no NEXT"),
        (("--graph", "--filter", "fault"), "GRAPH takes no FILTER"),
        (("--follow", "--until", "2026-01-01T00:00:00Z"), "FOLLOW takes no UNTIL"),
        (("--trace", "x", "--graph"), "TRACE and GRAPH are different views"),
        (("--trace", "x", "--after", "y"), "NEXT=error"),
        (("--from", "yesterday"), "no RFC 3339 time"),
        (("--group", 'a"b'), "no group's name"),
        (("--since", "31d"), "30 days"),
    ],
)
def test_what_can_not_be_asked_together(words: tuple[str, ...], told: str) -> None:
    """It is refused, and says what to ask instead, before anybody is asked."""
    parser = ArgumentParser()
    traces.add_arguments(parser)
    with pytest.raises(OperatorError, match=told) as raised:
        traces.run(parser.parse_args(words))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "x", "٣", "9" * 30])
def test_limits_that_are_none(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    """From 1 to 10000."""
    parser = ArgumentParser()
    traces.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args((f"--limit={limit}",))
    assert "expected 1 to 10000" in capsys.readouterr().err


def test_a_wrong_filter_is_refused_before_anybody_is_asked(filled: Filled) -> None:
    """With a caret below its place."""
    finished = run(filled, "--filter", "fault AND duration <")
    assert finished.returncode == 2
    above, caret, line = finished.stderr.splitlines()
    assert (above, caret) == ("  fault AND duration <", " " * 22 + "^")
    assert line.startswith("traces: FILTER: Error Location: line 1, position 21")


def test_a_filter(filled: Filled, failed: dict[str, Any]) -> None:
    """X-Ray gets it, and answers with those that match."""
    told = document(filled, "--filter", "fault AND annotation[app.result_length] = 3")
    assert [trace["Id"] for trace in told["traces"]] == [failed["trace_id"]]
    assert document(filled, "--filter", 'http.method = "GET"') == {"traces": []}


def test_a_group(filled: Filled) -> None:
    """Of a group there are the traces that came after it and match its filter."""
    filled.xray.create_group(GroupName="grouped one", FilterExpression='service("grouped")')
    filled.put(filled.segment("other"), grouped := filled.segment("grouped"))
    told = document(filled, "--group", "grouped one", "--filter", "ok OR fault")
    assert [trace["Id"] for trace in told["traces"]] == [grouped["trace_id"]]
    graph = document(filled, "--graph", "--group", "grouped one")
    assert {service["Name"] for service in graph["services"]} == {"grouped"}


def test_the_service_graph(filled: Filled, failed: dict[str, Any]) -> None:
    """The client, the service it called, and the table that this one called, with rates."""
    text = succeed(filled, "--graph")
    assert_fits(text, 160)
    assert re.search(r"^front \(client\)$", text, re.MULTILINE)
    assert re.search(r"└─ front +4 +0\.0% +25\.0% ", text)
    assert re.search(
        r"   └─ users \(AWS::DynamoDB::Table\) +1 +0\.0% +100\.0% +390\.0 +390\.0$", text, re.MULTILINE
    )
    long = run(filled, "--graph", "--since", "7h")
    assert (long.returncode, "6 hours at most" in long.stderr) == (2, True)
    told = document(filled, "--graph")
    assert {"front", "users"} <= {service["Name"] for service in told["services"]}
    assert told["contains_old_group_versions"] is False


@contextmanager
def following(filled: Filled, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command with FOLLOW=1, which reads from a pipe line by line; ended where the test did not."""
    process = subprocess.Popen(
        _words(("--follow", *words)),
        env={**_environment(filled), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _told(process: subprocess.Popen[str], trace_id: str) -> str:
    """Return the next line about *trace_id*; lines about others are passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if trace_id in line:
            return line
    raise AssertionError(f"{trace_id} was not told: {process.communicate()}")


def test_following(filled: Filled) -> None:
    """New traces as they come, one in progress again when it is whole; Ctrl-C ends it with 0."""
    filled.put(before := filled.segment("before"))
    with following(filled) as process:
        _told(process, before["trace_id"])
        running = filled.segment("running")
        running.pop("end_time")
        filled.put({**running, "in_progress": True})
        assert "in progress" in _told(process, running["trace_id"])
        filled.put({**running, "end_time": running["start_time"] + 0.3, "fault": True})
        assert "fault" in _told(process, running["trace_id"])
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    assert (process.returncode, errors) == (0, "")
    assert running["trace_id"] not in rest
    assert re.search(r"traces local: followed for \d+ s: \d+ traces, \d+ failing\n$", rest)


def test_following_as_json_lines(filled: Filled, failed: dict[str, Any]) -> None:
    """A line is a trace; the summary is on stderr; what a filter does not take is not told."""
    with following(filled, "--format", "json", "--filter", "fault") as process:
        assert json.loads(_told(process, failed["trace_id"]))["HasFault"] is True
        filled.put(filled.segment("fine"), fault := filled.segment("late", fault=True))
        assert json.loads(_told(process, fault["trace_id"]))["Id"] == fault["trace_id"]
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    assert (process.returncode, rest) == (0, "")
    assert errors.startswith("traces local: followed for ")


@pytest.mark.parametrize("ahead", [timedelta(minutes=3), timedelta(hours=-3)])
def test_following_by_a_wrong_clock(filled: Filled, ahead: timedelta) -> None:
    """X-Ray's own answers tell the time: what comes is told, though this clock is wrong."""
    clock = ServiceClock(lambda: datetime.now(UTC) + ahead)
    world = Surroundings(
        ask=lambda part: reading.pages(filled.xray, part, "", updated=True, clock=clock),
        now=clock.now,
        pause=lambda _: time.sleep(0.05),
        say=lambda _: None,
    )
    news = follow(world, Told(), clock.now() - timedelta(minutes=1), 5)
    next(news)
    filled.put(late := filled.segment("late"))
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while late["trace_id"] not in {summary["Id"] for summary in next(news)}:
        assert time.monotonic() < deadline, "the trace was not told"
