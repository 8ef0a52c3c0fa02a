"""The files that belong to the project."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tools.python_environment import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def files() -> list[Path]:
    """Return the files that git tracks or would take on. Outside a checkout, every file but caches.

    A link is one of them wherever it leads, to a folder or to nothing: who copies or reads files decides.
    """
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.split(b"\0")
    except (OSError, subprocess.CalledProcessError):
        skipped = {".venv", ".local", ".terraform", ".terragrunt-cache", ".git"}
        every = (path for path in ROOT.rglob("*") if not skipped & set(path.relative_to(ROOT).parts))
        return [path for path in every if _is_one(path)]
    paths = [ROOT / name.decode() for name in listed if name]
    return [path for path in paths if _is_one(path)]


def _is_one(path: Path) -> bool:
    return path.is_file() or path.is_symlink()
