"""All tests in two runs, on a folder of tests made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools import run_tests
from tools.python_environment import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PASSING = "def test_it():\n    pass\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a test in each folder that drives programs, and one beside them."""
    for folder in (*run_tests.DRIVING, "tests"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / f"test_{folder.replace('/', '_')}.py").write_text(PASSING)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    return tmp_path


def test_every_test_is_run_once(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What lies in no folder of its own group is in the other; both summaries are shown."""
    assert project
    assert run_tests.main(["-q"]) == 0
    shown = capfd.readouterr().out
    assert f"{len(run_tests.DRIVING)} passed" in shown
    assert "1 passed" in shown
    assert shown.endswith("tests: both runs passed\n")


@pytest.mark.parametrize("folder", ["tests", "tests/faults"])
def test_a_failure_in_either_run_is_one_of_all(
    project: Path, capfd: pytest.CaptureFixture[str], folder: str
) -> None:
    """Its name and the reason are shown, whichever run it is in."""
    (project / folder / "test_broken.py").write_text("def test_broken():\n    assert 1 == 2\n")
    assert run_tests.main([]) == 1
    shown = capfd.readouterr().out
    assert "assert 1 == 2" in shown
    assert shown.endswith("tests: 1 of 2 runs failed\n")


def test_options_may_leave_nothing_to_one_run(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What chooses tests of one run alone is fine; what chooses none is pytest's own error."""
    assert project
    assert run_tests.main(["-k", "faults"]) == 0
    assert run_tests.main(["-k", "nowhere"]) == 5
    assert "1 passed" in capfd.readouterr().out


def test_the_folders_are_there() -> None:
    """A folder that is named and gone would end a run at once."""
    assert all((ROOT / folder).is_dir() for folder in run_tests.DRIVING)
