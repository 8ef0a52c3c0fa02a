"""``.venv``: both lock files, and the checkout's root on its path so that ``xray`` is found from anywhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools import progress
from tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
LOCKS = (ROOT / "backend-flask" / "requirements.txt", ROOT / "tools" / "requirements.txt")
PATH_FILE = "traced-backend.pth"
STAMP = "locks.sha256"


def ensure() -> Path:
    """Return the environment's Python, after the environment was made to hold both locks.

    A ``.venv`` that is a link to a current environment is used as it is, and never written through.
    Raises ToolError where it can't be made or a package is not what the locks say.
    """
    python = FOLDER / "bin" / "python"
    if python.exists() and _stamp() == _fingerprint():
        return python
    try:
        if FOLDER.is_symlink():
            FOLDER.unlink()
        elif FOLDER.exists() and not _is_ours():
            shutil.rmtree(FOLDER)
        _make()
    except OSError as error:
        raise ToolError(
            f"{error.filename or FOLDER} can't be written ({error.strerror})", remedy="remove .venv by hand"
        ) from error
    return python


def install(folder: Path, locks: Sequence[Path]) -> None:
    """Make the virtual environment *folder* where it isn't there, and install what *locks* pin.

    Raises ToolError where a package can't be had or is not what the locks say.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        _run([sys.executable, "-m", "venv", folder], "install your system's python3-venv package")
    requirements = [word for lock in locks for word in ("-r", str(lock))]
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check"]
    _run(
        [*pip, "install", "--quiet", "--no-deps", "--require-hashes", *requirements],
        "check the network and the package index that pip uses",
    )
    _run([*pip, "check"], "run `make lock`")


def _make() -> None:
    with progress.step("Python environment in .venv"):
        install(FOLDER, LOCKS)
    for site_packages in FOLDER.glob("lib/python3*/site-packages"):
        (site_packages / PATH_FILE).write_text(f"{ROOT}\n")
    (FOLDER / STAMP).write_text(_fingerprint())


def _stamp() -> str | None:
    try:
        return (FOLDER / STAMP).read_text()
    except OSError:
        return None


def _is_ours() -> bool:
    """Tell whether .venv was made here and by this Python: a moved or foreign one can't be mended."""
    return (_stamp() or "").splitlines()[:2] == _fingerprint().splitlines()[:2]


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for lock in LOCKS:
        digest.update(lock.read_bytes())
    return f"{FOLDER.resolve()}\n{sys.version}\n{digest.hexdigest()}\n"


def _run(command: list[str | Path], remedy: str) -> None:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}
    }
    try:
        code, output = progress.run(command, environment=environment)
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolError(f"{command[0]} can't be run ({error})", remedy=remedy) from error
    if code != 0:
        lines = [line for line in output.strip().splitlines() if line.strip()] or ["no output"]
        reason = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        raise ToolError(f"the Python environment could not be made ({reason.strip()})", remedy=remedy)
