"""What a deployment's lock says of its holder, and whether that holder is still there, in Terraform's words.

Source of the fields: Terraform, "State locking", the file that `use_lockfile` writes beside a state.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from scripts import run_lock
from scripts.living import start_time

_BOOT, _PIDS = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")


@dataclass(frozen=True)
class Lock:
    """A held lock. ``machine`` tells one running system, and one view of its processes, from all others."""

    id: str
    operation: str
    who: str
    created: str
    machine: str = ""
    pid: int = 0
    started: int = 0

    @classmethod
    def of_this_process(cls, operation: str) -> Lock:
        """Return what this process holds a lock with."""
        pid = os.getpid()
        created = datetime.now(UTC).isoformat(timespec="seconds")
        started = start_time(pid) or 0
        return cls(str(uuid.uuid4()), operation, run_lock.who(), created, this_machine(), pid, started)

    @classmethod
    def parse(cls, content: bytes) -> Lock:
        """Read a lock. Whatever is no lock of ours is one whose holder nobody knows."""
        try:
            found = json.loads(content)
            return cls(
                str(found["ID"]),
                str(found["Operation"]),
                str(found["Who"]),
                str(found["Created"]),
                str(found.get("Machine", "")),
                int(found.get("Pid", 0)),
                int(found.get("Started", 0)),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls("?", "unknown", "somebody", "an unknown time")

    def text(self) -> bytes:
        """Return it as it is written."""
        names = {"id": "ID"}
        said = {names.get(name, name.capitalize()): value for name, value in asdict(self).items()}
        return json.dumps(said).encode()

    @property
    def is_dead(self) -> bool:
        """Tell whether the process that held it ran on this machine, and has ended.

        Of another machine's nothing can be told, nor on a system that does not tell which one it is.
        """
        if not self.pid or not self.machine or self.machine != this_machine():
            return False
        return start_time(self.pid) != self.started

    def __str__(self) -> str:
        return f"{self.operation} by {self.who} since {self.created}"


def this_machine() -> str:
    """Return what only processes have in common that see each other: the boot, and the namespace of pids.

    Empty where the system does not tell.
    """
    try:
        return f"{_BOOT.read_text().strip()} {os.readlink(_PIDS)}"  # noqa: PTH115 - no path, a namespace's name
    except OSError:
        return ""
