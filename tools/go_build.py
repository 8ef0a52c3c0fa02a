"""A tool of a vendor's, built from the Go modules that a committed ``go.mod`` pins."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from tools import cache, progress
from tools.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path


def build(package: str, target: Path, *, name: str, fitting: str, linker: str, folder: Path) -> None:
    """Build *package* in *folder*, which holds ``go.mod``; *target* appears only once it is whole.

    *name* has the version, *fitting* says which ones on PATH would do. *linker* sets what the vendor's own
    release has set, such as the version. Raises ToolError where Go is missing or the build fails.
    """
    go = shutil.which("go")
    if go is None:
        raise ToolError(
            f"{name} can't be built without Go",
            remedy=f"install Go 1.26.3 or later, or {fitting}, so that it is on PATH",
        )
    environment = dict(os.environ, CGO_ENABLED="0")
    if not environment.get("HOME"):
        environment.setdefault("GOPATH", str(cache.folder() / "go"))
        environment.setdefault("GOCACHE", str(cache.folder() / "go-build"))
    temporary = target.with_suffix(".part")
    command: list[str | Path] = [go, "build", "-mod=readonly", "-trimpath", "-ldflags", f"-s -w {linker}"]
    with progress.step(f"{name} built from its Go modules (minutes, once)"):
        code, output = progress.run(
            [*command, "-o", temporary, package], environment=environment, folder=folder
        )
    if code != 0:
        last = (output.strip().splitlines() or ["no output"])[-1]
        raise ToolError(
            f"{name} could not be built ({last})", remedy=f"install {fitting} so that it is on PATH"
        )
    temporary.replace(target)
