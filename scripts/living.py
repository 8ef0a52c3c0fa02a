"""Whether a process is still the one that was noted: by its number and its start."""

from __future__ import annotations

import os
from pathlib import Path

PROCESSES = Path("/proc")


def can_tell() -> bool:
    """Tell whether this system says when a process was started."""
    return (PROCESSES / "self").exists()


def start_time(pid: int) -> int | None:
    """Return process *pid*'s start in ticks since boot (/proc/<pid>/stat, field 22); None: it has ended.

    Without /proc the number has to do: 0 for any process that runs.
    """
    if not can_tell():
        return 0 if _is_there(pid) else None
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - no path of ours
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def any_knows(text: str, *, but_group: int) -> bool:
    """Tell whether a process has *text* in one of its variables, as far as can be seen.

    Those of the process group *but_group* don't count.
    """
    wanted = text.encode()
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes() and os.getpgid(int(folder.name)) != but_group:
                return True
        except OSError:  # it has ended, or is another user's, who can't have got it from us
            continue
    return False


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
