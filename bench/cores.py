"""Which cores the measured server has, and which the rest: the server must be what limits a run."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench import commands
from scripts.paths import local_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


def divide() -> tuple[set[int], set[int]]:
    """Return one core for the server, and the others. Raises CommandFailedError where there is only one."""
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise commands.CommandFailedError(
            "the load and the server share one core, so that neither is measured: use two cores or more"
        )
    return {first}, set(others)


@contextmanager
def local_cloud_on(cores: set[int]) -> Iterator[None]:
    """Keep the running local cloud, its own children included, on these cores inside the block."""
    main = psutil.Process(json.loads((local_folder() / "localcloud.json").read_text())["pid"])
    pids = [main.pid, *(child.pid for child in main.children(recursive=True))]
    before = os.sched_getaffinity(main.pid)
    _pin(pids, cores)
    try:
        yield
    finally:
        _pin(pids, before)


def _pin(pids: list[int], cores: set[int]) -> None:
    """Move every thread of these processes; one made later is where its maker is (sched(7))."""
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), cores)
