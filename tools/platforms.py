"""The names that vendors give to this machine's operating system and processor."""

from __future__ import annotations

import platform

from tools.errors import ToolError

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def current() -> tuple[str, str]:
    """Return ``(system, machine)`` as in ``("linux", "amd64")``.

    Raises ToolError on a platform for which the vendors publish nothing that we pin.
    """
    system, machine = platform.system(), platform.machine().lower()
    if system not in _SYSTEMS or machine not in _MACHINES:
        raise ToolError(
            f"no pinned tools for {system} on {machine}",
            remedy="use Linux or macOS on amd64 or arm64",
        )
    return _SYSTEMS[system], _MACHINES[machine]
