"""`make demo`: the way shown in order, and nothing left behind, off a terminal and on one."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest
import requests

from tests.end_to_end.checkout import Checkout
from tests.end_to_end.processes import working_in

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE_SECONDS = 180
_STEPS = ("tools", "local-up", "plan", "apply", "verify", "backend", "traffic", "one and the same trace")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout in which nothing has run yet."""
    return Checkout.copy_to(tmp_path / "checkout")


def _left_behind(checkout: Checkout) -> list[str]:
    """Return the command lines of processes that work in the checkout."""
    found = []
    for process in working_in(checkout.root):
        with suppress(psutil.Error):
            found.append(" ".join(process.cmdline()))
    return found


def _assert_order(text: str) -> None:
    places = [text.index(f"[{number}/8] {step}") for number, step in enumerate(_STEPS, start=1)]
    assert places == sorted(places)


def _assert_same_trace(text: str) -> None:
    in_xray = re.search(r"X-Ray  1-([0-9a-f]{8})-([0-9a-f]{24})", text)
    in_honeycomb = re.search(r"Honeycomb  ([0-9a-f]{32})", text)
    assert in_xray, text
    assert in_honeycomb, text
    assert in_xray[1] + in_xray[2] == in_honeycomb[1]
    assert re.search(r"demo: done; trace 1-\S+ is in X-Ray and in Honeycomb with the same [2-9] spans", text)


def test_off_a_terminal_it_shows_the_way_and_takes_everything_down(checkout: Checkout) -> None:
    """Eight steps in order, one trace in both places, plain text; then no process and no address is left."""
    text = checkout.succeed("demo")
    _assert_order(text)
    _assert_same_trace(text)
    assert "\x1b" not in text
    assert text.strip().splitlines()[-1].startswith("demo: done")
    assert _left_behind(checkout) == []
    assert not (checkout.root / ".local" / "env").exists()
    assert not list((checkout.root / ".local").glob("*.lock"))


def test_on_a_terminal_it_stays_up_until_interrupted(checkout: Checkout) -> None:
    """After the last step the backend goes on answering; Ctrl-C takes everything down."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts", "demo"],
        cwd=checkout.root,
        env=checkout.child_environment({"TERM": "xterm"}),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        text = _read_until(master, "Ctrl-C takes everything down")
        address = re.search(r"answers at (http://127\.0\.0\.1:\d+)", text)
        assert address, text
        assert requests.get(f"{address[1]}/health", timeout=10).json() == {"status": "ok"}
        process.send_signal(signal.SIGINT)
        text += _read_until(master, "demo: done")
        assert process.wait(timeout=60) == 0
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()
    assert "\x1b[" in text
    assert _left_behind(checkout) == []


def _read_until(master: int, words: str) -> str:
    text = ""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while words not in text:
        ready, _, _ = select.select([master], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{words!r} did not come: {text}"
        try:
            text += os.read(master, 65536).decode(errors="replace")
        except OSError:
            break
    assert words in text
    return text


def test_a_failing_step_is_shown_and_everything_is_taken_down(checkout: Checkout) -> None:
    """A value beyond X-Ray's limits: the plan's output is shown, its code is the demo's, nothing stays."""
    file = checkout.root / "terraform/backend-app/config/local/env.hcl"
    file.write_text(file.read_text().replace("fixed_rate = 0.1", "fixed_rate = 7"))
    finished = checkout.run("demo")
    text = finished.stdout + finished.stderr
    assert finished.returncode == 2, text
    assert "fixed_rate" in text
    assert "Traceback" not in text
    assert _left_behind(checkout) == []
