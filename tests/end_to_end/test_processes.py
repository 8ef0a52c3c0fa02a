"""What the tests of deployments leave running ends with them."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.processes import end_all, kill_all, until, working_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A session of its own, as Terragrunt has it below a command.
STARTS = "setsid sleep 600 & echo begun; wait"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A command that has started another one."""
    with subprocess.Popen(
        ["sh", "-c", STARTS], cwd=tmp_path, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as started:
        until(started, "begun")
        yield started
        end_all(tmp_path)


def _require_nothing(folder: Path) -> None:
    while working_in(folder):  # as long as the test may take: who is killed may take a moment
        time.sleep(0.05)


def test_a_command_is_killed_with_what_it_has_started(running: subprocess.Popen[str], tmp_path: Path) -> None:
    """Whatever session that is in; once it has ended, there is nothing to do."""
    assert len(working_in(tmp_path)) == 2
    kill_all(running)
    _require_nothing(tmp_path)
    kill_all(running)


def test_what_a_killed_command_leaves_is_found_by_its_folder(
    running: subprocess.Popen[str], tmp_path: Path
) -> None:
    """It is nobody's child any more; nothing elsewhere is touched."""
    running.kill()
    running.wait()
    assert len(working_in(tmp_path)) == 1
    assert working_in(tmp_path / "sub") == []
    end_all(tmp_path)
    _require_nothing(tmp_path)
