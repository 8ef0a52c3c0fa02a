"""All tests in several runs, on a folder of tests made for it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import run_tests
from tools.python_environment import ROOT

PASSING = "def test_it():\n    pass\n"
WAITING = """\
import os, pathlib, time

def test_it():
    assert os.getsid(0) == os.getpid()
    pathlib.Path(f"{os.getpid()}.begun").touch()
    try:
        time.sleep(600)
    finally:
        pathlib.Path(f"{os.getpid()}.ended").touch()
"""
STARTED = """\
import pathlib, signal, sys

# Whoever runs the tests in the background may have had it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[2])
from tools import run_tests

run_tests.ROOT, run_tests.GROUPS = pathlib.Path(sys.argv[1]), tuple(sys.argv[3:])
try:
    sys.exit(run_tests.main([]))
except KeyboardInterrupt:
    sys.exit(2)
"""
GROUPS = ("tests/scripts", "tests/end_to_end", "tests/end_to_end/test_deploy*.py", "tests/scripts/adopt")
RUNS = len(GROUPS) + 1


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a test in each group, and one beside them."""
    for group in (*GROUPS, "tests"):
        path = tmp_path / group.replace("*", "_one")
        if path.suffix != ".py":
            path.mkdir(parents=True, exist_ok=True)
            path = path / f"test_{path.name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PASSING)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\n")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    monkeypatch.setattr(run_tests, "GROUPS", GROUPS)
    return tmp_path


def test_every_test_is_run_once(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in no group is in the last run. One report has all."""
    monkeypatch.setenv("PYTEST_ADDOPTS", f'--junitxml="{project / "a b" / "junit.xml"}"')
    assert run_tests.main(["-q"]) == 0
    captured = capfd.readouterr()
    assert captured.out.count("1 passed") == RUNS
    assert captured.out.endswith(f"tests: {RUNS} runs passed\n")
    for group in (*GROUPS, "tests"):
        assert re.search(
            rf"^tests: {re.escape(group)} ended with 0 after \d+ min \d+ s$", captured.err, re.MULTILINE
        )
    assert [path.name for path in (project / "a b").iterdir()] == ["junit.xml"]
    cases = list(ElementTree.parse(project / "a b" / "junit.xml").iter("testcase"))  # noqa: S314 - our own
    assert len({case.get("classname") for case in cases}) == len(cases) == RUNS


@pytest.mark.parametrize("folder", ["tests", "tests/scripts/adopt"])
def test_a_failure_in_any_run_is_one_of_all(
    project: Path, capfd: pytest.CaptureFixture[str], folder: str
) -> None:
    """Its name and the reason are shown, whichever run it is in."""
    (project / folder / "test_broken.py").write_text("def test_broken():\n    assert 1 == 2\n")
    assert run_tests.main([]) == 1
    shown = capfd.readouterr().out
    assert "assert 1 == 2" in shown
    assert shown.endswith(f"tests: failed in {folder}\ntests: 1 of {RUNS} runs failed\n")


def test_options_may_leave_nothing_to_a_run(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What chooses tests of one run alone is fine; what chooses none is pytest's own error."""
    assert project
    assert run_tests.main(["-k", "adopt"]) == 0
    assert run_tests.main(["-k", "nowhere"]) == 5
    assert capfd.readouterr().out.count("1 passed") == 1


def test_an_interrupt_ends_every_run(project: Path) -> None:
    """By the signal that lets pytest clean up, and before this ends itself; nothing more is begun.

    A terminal's Ctrl-C goes to all of a session, which the runs are not of: each gets one interrupt.
    """
    for path in project.rglob("test_*.py"):
        path.write_text(WAITING)
    command = [sys.executable, "-c", STARTED, str(project), str(ROOT), *GROUPS]
    at_once = min(run_tests.SIDE_BY_SIDE, RUNS)
    with subprocess.Popen(command, cwd=project, start_new_session=True) as running:
        while len(list(project.glob("*.begun"))) < at_once and running.poll() is None:
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(timeout=60) == 2
    begun, ended = ({path.stem for path in project.glob(f"*.{kind}")} for kind in ("begun", "ended"))
    assert begun == ended
    assert len(begun) == at_once


def test_the_groups_are_there() -> None:
    """A group that is named and gone would end a run at once."""
    assert all(any(ROOT.glob(group)) for group in run_tests.GROUPS)
