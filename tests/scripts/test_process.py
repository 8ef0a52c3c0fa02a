"""A child in its own group: its lines, its code, and one interrupt, whatever is sent to us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from scripts.terragrunt import process

if TYPE_CHECKING:
    from pathlib import Path

# Stands for Terragrunt with Terraform below it: both get the group's interrupt, count it, and end in order.
CHILD = textwrap.dedent(
    """
    import os, signal, subprocess, sys, time
    name = sys.argv[1]
    seen = []
    def say(text):
        os.write(1, f"{text}\\n".encode())  # print() can't be entered again by a signal's handler
    def count(number, frame):
        seen.append(number)
        say(f"{name} got {signal.Signals(number).name} #{len(seen)}")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, count)
    below = None
    if name == "terragrunt":
        below = subprocess.Popen([sys.executable, "-c", open(sys.argv[2]).read(), "terraform", ""])
    else:
        say("ready")
    while not seen:
        time.sleep(0.01)
    time.sleep(0.5)
    if below is not None:
        below.wait()
    say(f"{name} ends after {len(seen)}")
    sys.exit(7)
    """
)
PARENT = textwrap.dedent(
    """
    import os, signal, sys
    from scripts.terragrunt import process
    script, signals = sys.argv[1], [int(number) for number in sys.argv[2].split(",")]
    def on_line(line):
        print(line, flush=True)
        if line == "ready":
            os.kill(os.getpid(), signals[0])
        if "#1" in line and "terraform" in line:
            for number in signals[1:]:
                os.kill(os.getpid(), number)
    command = [sys.executable, "-c", open(script).read(), "terragrunt", script]
    finished = process.run(command, environment=dict(os.environ), on_line=on_line)
    print(finished, flush=True)
    """
)


def _run(tmp_path: Path, *signals: signal.Signals) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    numbers = ",".join(str(int(number)) for number in signals)
    return subprocess.run(
        [sys.executable, "-c", PARENT, str(script), numbers],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_becomes_one_interrupt_for_the_whole_group(tmp_path: Path, number: signal.Signals) -> None:
    """Terragrunt and the Terraform below it get one SIGINT each, and are waited for."""
    finished = _run(tmp_path, number)
    assert finished.returncode == 0, finished.stderr
    assert "terragrunt got SIGINT #1" in finished.stdout
    assert "terraform got SIGINT #1" in finished.stdout
    assert "terraform ends after 1" in finished.stdout
    assert "terragrunt ends after 1" in finished.stdout
    assert "Finished(code=7, interrupted=True)" in finished.stdout
    assert "Please wait" in finished.stderr


def test_further_signals_are_not_passed_on_and_it_is_said_why(tmp_path: Path) -> None:
    """A second interrupt would end Terraform while it writes."""
    finished = _run(tmp_path, signal.SIGINT, signal.SIGINT, signal.SIGTERM)
    assert finished.returncode == 0, finished.stderr
    assert "terraform ends after 1" in finished.stdout
    assert "#2" not in finished.stdout
    assert finished.stderr.count("Still waiting: a second interrupt would end Terraform") == 2


def test_both_streams_arrive_in_their_order_and_the_code_is_passed_on() -> None:
    """Line by line, undecodable bytes too."""
    script = (
        "import sys,os\n"
        "for n in range(3):\n print('out',n,flush=True); print('err',n,file=sys.stderr,flush=True)\n"
        "os.write(1,b'\\xff end')\nsys.exit(3)"
    )
    lines: list[str] = []
    finished = process.run([sys.executable, "-c", script], environment=dict(os.environ), on_line=lines.append)
    assert finished == process.Finished(code=3, interrupted=False)
    assert lines == ["out 0", "err 0", "out 1", "err 1", "out 2", "err 2", "\ufffd end"]


def test_the_child_gets_exactly_the_environment_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of ours leaks into it."""
    monkeypatch.setenv("HONEYCOMB_API_KEY", "secret")
    lines: list[str] = []
    process.run(["/usr/bin/env"], environment={"ONLY": "this"}, on_line=lines.append)
    assert lines == ["ONLY=this"]


def test_where_a_line_can_t_be_taken_the_child_is_interrupted_and_waited_for() -> None:
    """Nothing goes on in the background after an error of ours."""
    script = (
        "import os,time\nprint(os.getpid(),flush=True)\n"
        "try:\n time.sleep(60)\nexcept KeyboardInterrupt:\n print('ended',flush=True)"
    )
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.append(int(line))
        raise RuntimeError("can't take it")

    with pytest.raises(RuntimeError, match="can't take it"):
        process.run([sys.executable, "-c", script], environment=dict(os.environ), on_line=on_line)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
