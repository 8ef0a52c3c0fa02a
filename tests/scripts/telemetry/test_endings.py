"""How traced commands end: the trace is told first, the command's own last line stays the last one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.scripts.telemetry.traced import TOLD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripts.telemetry.traced import Traced

BEGUN = "the slow part begins"
SLOW = f"""\
resource "terraform_data" "slow" {{
  provisioner "local-exec" {{
    command = "echo {BEGUN}; exec sleep 20"
  }}
}}
"""


@contextmanager
def slow(traced: Traced, stack: str) -> Iterator[None]:
    """Have an apply of *stack* take 20 seconds longer, after one line that says so."""
    text = traced.checkout.root / "terraform/backend-app/stacks" / stack / "slow.tf"
    text.write_text(SLOW)
    try:
        yield
    finally:
        text.unlink()


def begun(traced: Traced, *words: str) -> tuple[subprocess.Popen[str], list[str]]:
    """Start a command; return it and its lines, both streams in their order, up to the slow part's first."""
    process = traced.checkout.start(*words)
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip().endswith(f": {BEGUN}"):
            return process, lines
    pytest.fail(f"{words} ended before:\n{''.join(lines)}")


def ended(process: subprocess.Popen[str], lines: list[str]) -> tuple[int, list[str]]:
    """Return a started command's exit code and all of its lines once it has ended."""
    assert process.stdout is not None
    with process.stdout:
        lines += list(process.stdout)
    return process.wait(timeout=60), [line.rstrip("\n") for line in lines]


def told(lines: list[str]) -> tuple[int, str]:
    """Return the number of the line that tells the trace, and the trace's id."""
    [(number, found)] = [(number, TOLD.match(line)) for number, line in enumerate(lines) if TOLD.match(line)]
    assert found is not None
    return number, found[1]


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (("plan", "--unit", "logs"), "plan local: no changes in logs"),
        (("apply", "--unit", "logs"), "apply local: no changes in logs"),
        (("destroy", "--unit", "honeycomb"), "destroy local: "),
    ],
)
def test_the_summary_is_the_last_line(traced: Traced, words: tuple[str, ...], last: str) -> None:
    """The trace and its address come right above it, on stderr; stdout has none of them."""
    code, lines = ended(traced.checkout.start(*words), [])
    assert code == 0, lines
    assert lines[-1].startswith(last)
    number, trace_id = told(lines)
    assert number == len(lines) - 3
    assert lines[-2] == f"{traced.addresses['HONEYCOMB_API_ENDPOINT']}/_localcloud/traces/{bare(trace_id)}"


def bare(trace_id: str) -> str:
    """Return X-Ray's trace id as Honeycomb has it."""
    return "".join(trace_id.split("-")[1:])


def test_an_error_is_the_last_line_of_stderr(traced: Traced) -> None:
    """What ran and failed has a trace, and the reason and remedy stand below it."""
    text = traced.checkout.root / "terraform/backend-app/stacks/logs/broken.tf"
    text.write_text('output "broken" { value = nothing.at.all }\n')
    try:
        finished, trace_id, _ = traced.run("plan", "--unit", "logs")
    finally:
        text.unlink()
    lines = finished.stderr.splitlines()
    assert (finished.returncode, told(lines)) == (2, (0, trace_id))
    assert [line.split(":")[0] for line in lines[2:]] == ["plan"]
    assert "plan failed in logs" in lines[-1]


def test_what_is_refused_has_its_error_alone(traced: Traced) -> None:
    """Nothing ran: there is no trace to tell."""
    finished, trace_id, _ = traced.run("plan", "--unit", "none-such")
    assert (finished.returncode, trace_id, len(finished.stderr.splitlines())) == (2, "", 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_a_failed_trace(traced: Traced, number: signal.Signals) -> None:
    """Terraform ends cleanly, both sinks have what was done so far, and what is left is the last line."""
    with slow(traced, "logs"):
        process, lines = begun(traced, "apply", "--unit", "logs")
        process.send_signal(number)
        code, lines = ended(process, lines)
    assert code == 2, lines
    assert lines[-1].startswith("apply: apply was interrupted and ended cleanly"), lines
    _, trace_id = told(lines)
    entities, events = traced.entities(trace_id), traced.events(trace_id)
    assert set(entities) == set(events)
    root = next(one["data"] for one in events.values() if one["data"]["name"] == "make apply")
    assert (root["exit_code"], root["error"], root["units"]) == (2, True, "logs")
    # The span of what was interrupted may be lost with Terragrunt.
    assert "runner_pool_discovery" in {one["data"]["name"] for one in events.values()}


def test_a_terragrunt_that_is_killed_loses_its_own_spans_alone(traced: Traced) -> None:
    """The command says that it was, and both sinks have the command's own spans."""
    traced.checkout.succeed("apply", "--unit", "xray")
    with slow(traced, "xray"):
        process, lines = begun(traced, "apply", "--unit", "xray")
        below = psutil.Process(process.pid).children(recursive=True)
        [terragrunt] = [one for one in below if one.name() == "terragrunt"]
        for one in [terragrunt, *terragrunt.children(recursive=True)]:
            one.kill()
        code, lines = ended(process, lines)
    assert code == 2, lines
    assert lines[-1].startswith("apply: apply failed"), lines
    assert "Terragrunt ended with -9" in lines[-1]
    _, trace_id = told(lines)
    names = {one["data"]["name"] for one in traced.events(trace_id).values()}
    assert {"make apply", "terragrunt apply"} <= names
    assert set(traced.entities(trace_id)) == set(traced.events(trace_id))


# A command's process, in which the command itself is replaced by what is given.
INSTEAD = """\
import sys
from scripts import __main__ as main, command_line
from scripts.output import Output, say_error
from scripts.telemetry import current
from scripts.telemetry.place import Place
from scripts.traces.links import Links
def run(name, words):
    current.recording().place = Place(
        "sa-east-1", "none", "http://127.0.0.1:9", "/none", is_local=False, links=Links()
    )
    return instead()
command_line._run = run
{instead}
sys.argv[1:] = ["plan"]
sys.exit(main.main())
"""


@pytest.mark.parametrize(
    ("instead", "code", "last"),
    [
        ("def instead(): raise KeyboardInterrupt", 2, "plan: interrupted"),
        ("def instead(): say_error('why'); return 2", 2, "why"),
        (
            "def instead(): Output(document=True).summary('done'); return 1",
            1,
            "done",
        ),
    ],
)
def test_without_sinks_the_last_line_is_the_commands_too(instead: str, code: int, last: str) -> None:
    """Whatever ends it: one line of what was not sent, then its own."""
    finished = subprocess.run(
        [sys.executable, "-c", INSTEAD.format(instead=instead)],
        env={
            **os.environ,
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nobody",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (finished.returncode, finished.stdout) == (code, "")
    first, second = finished.stderr.splitlines()
    assert TOLD.match(first)
    assert "; not sent to X-Ray: " in first
    assert "; not sent to Honeycomb: " in first
    assert second == last


def test_a_reader_that_has_gone_is_no_traceback() -> None:
    """The line that waited can't be printed any more."""
    instead = "def instead(): Output().summary('done'); return 0"
    reading, writing = os.pipe()
    os.close(reading)
    finished = subprocess.run(
        [sys.executable, "-c", INSTEAD.format(instead=instead)],
        env={**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert finished.returncode != 0
    assert "Traceback" not in finished.stderr
    assert TOLD.match(finished.stderr)
