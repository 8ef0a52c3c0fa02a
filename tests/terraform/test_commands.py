"""How these tests run programs: a run that takes too long is ended whole, and told."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from scripts.living import start_time
from tests.terraform.commands import run

if TYPE_CHECKING:
    from pathlib import Path

CHILD = "sleep 600 & echo the child is $!; wait"


def test_a_run_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """The failure names the command and what it said; nothing that it started goes on."""
    with pytest.raises(
        AssertionError, match=r"^\['sh', .* had not ended after 5 s; it said: the child is"
    ) as told:
        run(["sh", "-c", CHILD], tmp_path, os.environ, timeout=5)
    found = re.search(r"the child is (\d+)", str(told.value))
    assert found
    while start_time(int(found[1])) is not None:  # as long as the test may take
        time.sleep(0.05)
