"""Signals from a command's first moment on: exit code 2, one line, nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from scripts import interrupts
from scripts.terragrunt import provider
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Runs a command as `python -m scripts` does, and gets a signal when a certain module is about to be imported.
LOADING = textwrap.dedent(
    """
    import os, runpy, sys
    module, number, *words = sys.argv[1:]
    class Trap:
        def find_spec(self, name, path=None, target=None):
            if name == module:
                os.kill(os.getpid(), int(number))
    sys.meta_path.insert(0, Trap())
    sys.argv[1:] = words
    runpy.run_module("scripts", run_name="__main__", alter_sys=True)
    """
)


@pytest.mark.parametrize(
    ("module", "number"),
    [
        ("scripts.command_line", signal.SIGINT),
        ("rich.console", signal.SIGTERM),
        ("scripts.commands.plan", signal.SIGHUP),
        ("boto3", signal.SIGINT),
    ],
)
def test_a_signal_while_the_command_is_loaded(module: str, number: signal.Signals, tmp_path: Path) -> None:
    """Neither a traceback nor death by signal."""
    finished = subprocess.run(
        [sys.executable, "-c", LOADING, module, str(int(number)), "plan"],
        env={**os.environ, "TRACED_BACKEND_LOCAL": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (2, "", "plan: interrupted\n")


def test_what_is_put_off_counts_after_the_block(handlers: None) -> None:
    """The block is finished first, however many signals come."""
    steps = []

    def block() -> None:
        with interrupts.put_off():
            for number in (signal.SIGTERM, signal.SIGINT):
                os.kill(os.getpid(), number)
            steps.append("finished")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert steps == ["finished"]


@pytest.fixture
def handlers() -> Iterator[None]:
    """A command's handlers, and this process's own again afterwards."""
    former = {number: signal.getsignal(number) for number in interrupts.SIGNALS}
    interrupts.install()
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


def test_a_signal_while_the_provider_starts_leaves_none_running(
    handlers: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where it comes before anybody has taken note of the process."""
    binary, begun = tmp_path / "provider", tmp_path / "begun"
    binary.write_text(f"#!/bin/sh\necho $$ > {begun}.new\nmv {begun}.new {begun}\nexec sleep 600\n")
    binary.chmod(0o755)
    monkeypatch.setattr(locate, "provider", lambda: binary)
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))
        while not begun.exists() and started[0].poll() is None:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        return started[0]

    monkeypatch.setattr("subprocess.Popen", interrupted)
    with pytest.raises(KeyboardInterrupt), provider.started({"PATH": os.environ["PATH"]}):
        pytest.fail("it was interrupted before")
    assert started[0].poll() is not None
    assert not psutil.pid_exists(int(begun.read_text()))
