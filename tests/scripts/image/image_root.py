"""The image's file system as far as it can be had without an engine: what the Dockerfile runs and copies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.image import contents

if TYPE_CHECKING:
    from scripts.image.contents import LaidOut

_PATHS = re.compile(r"(?<![\w./-])/(?=(?:opt/venv|build|app)\b)")
"""Where the stage `build` works, at the beginning of a path."""


@dataclass(frozen=True)
class ImageRoot:
    """A folder that stands for the image's root, and what the image starts there."""

    laid: LaidOut

    @property
    def packages(self) -> Path:
        """The virtual environment that the image has."""
        return self.laid.root / "opt" / "venv"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the image's variables, and `more`; nothing of this process's but a PATH."""
        return {**self.laid.environment, "PATH": f"{self.packages / 'bin'}:{os.defpath}", **more}


def build(root: Path) -> ImageRoot:
    """Lay the files out below `root`, and run what stage `build` runs, its paths being those below `root`."""
    laid = contents.lay_out(root)
    (root / "build").mkdir()
    copied = root / "app" / "backend-flask" / "requirements.txt"
    (root / "build" / "requirements.txt").write_bytes(copied.read_bytes())
    python = Path(sys.executable).parent
    for command in contents.dockerfile().runs("build"):
        finished = subprocess.run(
            ["sh", "-ec", _PATHS.sub(f"{root}/", command)],
            env={**os.environ, "PATH": f"{python}:{os.environ['PATH']}", "PYTHONPATH": ""},
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
    return ImageRoot(laid)


def listing(root: Path) -> dict[str, tuple[int, int, int]]:
    """Return mode, size and time of change, in nanoseconds, of everything below `root`."""
    return {
        str(path.relative_to(root)): (found.st_mode, found.st_size, found.st_mtime_ns)
        for path in root.rglob("*")
        for found in [path.lstat()]
    }
