"""A command surrounded by its trace: exit codes, switches, and sinks that fail."""

from __future__ import annotations

import socket
import time
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from scripts import command_line
from scripts.output import Output, say_error
from scripts.telemetry import command, current, sending
from scripts.telemetry.parent import Parent
from scripts.telemetry.place import Place
from scripts.telemetry.recording import Recording
from scripts.terragrunt.log import Changes
from scripts.traces.links import Links

if TYPE_CHECKING:
    from scripts.session import Session
    from scripts.telemetry.spans import Span

CLOSED = "http://127.0.0.1:9"


def place(endpoint: str = CLOSED) -> Place:
    """A place whose sinks are at *endpoint*, in a region that no other test has clients for."""
    return Place("sa-east-1", "cruddur-deployments", endpoint, "/none", is_local=False, links=Links())


@pytest.fixture(autouse=True)
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody, and an AWS where nothing answers."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", CLOSED)
    monkeypatch.delenv("TRACEPARENT", raising=False)
    monkeypatch.delenv(command.SWITCH, raising=False)


def recorded() -> Recording:
    """Return what is recorded now."""
    found = current.recording()
    assert found is not None
    return found


@pytest.mark.parametrize("code", [0, 1, 2])
def test_sinks_that_are_down_change_no_exit_code(
    code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says which sink has not got the trace, and why, however busy this machine is."""
    monkeypatch.setattr(sending, "SEND_SECONDS", 60.0)

    def run() -> int:
        recorded().place = place()
        return code

    assert command.around("apply", run) == code
    told = capsys.readouterr()
    [line] = told.err.splitlines()
    assert line.startswith("trace 1-")
    assert "; not sent to X-Ray: http://127.0.0.1:9" in line
    assert "; not sent to Honeycomb: no key: /none isn't there or may not be read" in line
    assert told.out == ""


def test_a_summary_within_a_command_keeps_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """A deployment verifies before it ends: only what is last waits for the trace."""

    def run() -> int:
        recorded().place = place()
        output = Output(document=True)
        output.summary("verify: passed")
        output.say("links")
        output.summary("deploy: done")
        output.document("{}\n")
        say_error("deploy: failed after all")
        return 2

    assert command.around("deploy", run) == 2
    told = capsys.readouterr()
    *lines, trace, last = told.err.splitlines()
    assert lines == ["verify: passed", "links", "deploy: done"]
    assert trace.startswith("trace 1-")
    assert last == "deploy: failed after all"
    assert told.out == "{}\n"


def test_a_sink_that_never_answers_is_not_waited_for() -> None:
    """It is told so; the other sink's answer stands by itself."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        accepted: list[socket.socket] = []
        Thread(target=lambda: accepted.append(silent.accept()[0]), daemon=True).start()
        there = place(f"http://127.0.0.1:{silent.getsockname()[1]}")
        there._key = "hcaik_" + "k" * 58
        recording = Recording("plan")
        root, spans = recording.end(0)
        said = sending.send(sending.Trace(root, spans), there, seconds=1.0)
        for one in accepted:
            one.close()
    assert said["Honeycomb"]
    assert said["X-Ray"]


def test_what_was_refused_before_it_ran_leaves_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent nor said of a command that never got to Terragrunt."""
    assert command.around("plan", lambda: 2) == 2
    assert capsys.readouterr() == ("", "")


def test_what_a_command_raises_goes_on() -> None:
    """An interrupt is an interrupt, and what is recorded ends with it."""

    def run() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        command.around("plan", run)
    assert current.recording() is None


@pytest.mark.parametrize(
    ("switch", "caller", "traced", "said"),
    [
        ("off", "", False, ""),
        ("0", "", False, ""),
        ("on", "", True, ""),
        ("perhaps", "", False, "expected on or off"),
        ("", "nonsense", True, "a trace of its own begins"),
        ("", "00-" + "1" * 32 + "-" + "1" * 16 + "-00", False, "is not sampled"),
    ],
)
def test_who_is_traced(
    switch: str,
    caller: str,
    traced: bool,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The switch and the caller's trace decide; what is wrong is told, and is no failure."""
    monkeypatch.setenv(command.SWITCH, switch)
    monkeypatch.setenv("TRACEPARENT", caller)
    seen: list[bool] = []

    def run() -> int:
        seen.append(current.recording() is not None)
        return 0

    assert command.around("plan", run) == 0
    assert seen == [traced]
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == bool(said)


def test_the_callers_trace_goes_on() -> None:
    """The root is the caller's child; steps are the root's; Terragrunt gets the step as its parent."""
    found: list[tuple[Span, list[Span]]] = []

    def run() -> int:
        with current.step("build"), current.step("push"):
            child = current.child_variables({"OTEL_EXPORTER_OTLP_HEADERS": "x", "PATH": "p"})
        assert child["TRACEPARENT"].split("-")[1] == "6" * 32
        assert "OTEL_EXPORTER_OTLP_HEADERS" not in child
        assert child["TG_TELEMETRY_TRACE_EXPORTER_HTTP_ENDPOINT"].startswith("127.0.0.1:")
        one = recorded()
        current.note_changes({"xray": Changes(1, 2, 0)})
        current.note_changes({"logs": Changes(1, 0, 0), "xray": Changes(0, 0, 0)})
        found.append(one.end(0))
        push = next(span for span in found[0][1] if span.name == "push")
        assert child["TRACEPARENT"].split("-")[2] == f"{push.span_id:016x}"
        return 0

    with current.recorded(Recording("apply", Parent(int("6" * 32, 16), int("1" * 16, 16), is_sampled=True))):
        run()
    [(root, spans)] = found
    build, push = (next(span for span in spans if span.name == name) for name in ("build", "push"))
    assert root.parent_id == int("1" * 16, 16)
    assert (push.parent_id, build.parent_id) == (build.span_id, root.span_id)
    assert root.attributes["changes.xray"] == "1 added, 2 changed"
    assert root.attributes["added.total"] == 2


def test_a_callers_own_exporter_stays() -> None:
    """Terragrunt's spans go where the caller has them go, in the same trace."""
    recording = Recording("plan")
    child = recording.child_variables({"TG_TELEMETRY_TRACE_EXPORTER": "console"})
    assert child["TG_TELEMETRY_TRACE_EXPORTER"] == "console"
    assert child["TRACEPARENT"].startswith(f"00-{recording.trace_id:032x}-")
    assert set(child) == {"TG_TELEMETRY_TRACE_EXPORTER", "TRACEPARENT"}


def test_what_is_recorded_is_the_same_with_any_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """OTEL_ variables are about other programs, whatever they say."""
    for name in ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"):
        monkeypatch.setenv(name, "1")
    for name in ("OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"):
        monkeypatch.setenv(name, "nonsense")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "password=hunter2")
    recording = Recording("plan")
    recording.note("image", "abcdef")
    root, _ = recording.end(0)
    assert root.attributes == {"command": "plan", "image": "abcdef", "exit_code": 0}


def test_the_standard_switch_counts_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """OpenTelemetry's own way to have nothing recorded."""
    monkeypatch.setenv(command.STANDARD_SWITCH, "TRUE")
    assert command.around("plan", lambda: 0 if current.recording() is None else 1) == 0
    assert capsys.readouterr() == ("", "")


def test_units_are_those_of_all_runs() -> None:
    """A deployment's last run may be that of one unit alone."""
    recording = Recording("deploy")
    recording.place = place()
    for names in (["registry"], ["logs", "registry", "service"], ["service"]):
        units = cast("Session", SimpleNamespace(units=dict.fromkeys(names)))
        recording.note_session(units, "apply")
    root, _ = recording.end(0)
    assert root.attributes["units"] == "registry, logs, service"


def test_a_failing_step_says_so_without_words() -> None:
    """The error's text may hold anything: the span has only that there was one."""
    recording = Recording("plan")
    with pytest.raises(RuntimeError), recording.step("push"):
        raise RuntimeError("hunter2")
    root, spans = recording.end(2)
    assert root.is_error
    assert all(span.is_error for span in spans)
    assert "hunter2" not in repr(spans)


def test_trace_ids_begin_with_the_time() -> None:
    """X-Ray takes no trace id whose first eight digits are another time's."""
    assert abs((Recording("plan").trace_id >> 96) - time.time()) < 60


def test_exactly_the_deployments_commands_are_traced() -> None:
    """Each is a command; others don't pay for it."""
    assert set(command_line.names()) > command.TRACED
    assert {"plan", "apply", "destroy", "deploy", "rollback"} == command.TRACED
