"""``.venv``: both lock files, and the checkout's root on its path so that ``xray`` is found from anywhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import progress
from tools.errors import ToolError

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
LOCKS = (ROOT / "backend-flask" / "requirements.txt", ROOT / "tools" / "requirements.txt")
PATH_FILE = "traced-backend.pth"
_STAMP = FOLDER / "locks.sha256"


def ensure() -> Path:
    """Return the environment's Python, after the environment was made to hold both locks.

    Raises ToolError where it can't be made or a package is not what the locks say.
    """
    python = FOLDER / "bin" / "python"
    wanted = _fingerprint()
    if python.exists() and _STAMP.is_file() and _STAMP.read_text() == wanted:
        return python
    if FOLDER.exists() and not _is_ours():
        shutil.rmtree(FOLDER)
    with progress.step("Python environment in .venv"):
        if not python.exists():
            _run([sys.executable, "-m", "venv", FOLDER], "install your system's python3-venv package")
        requirements = [word for lock in LOCKS for word in ("-r", str(lock))]
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check"]
        _run(
            [*pip, "install", "--quiet", "--no-deps", "--require-hashes", *requirements],
            "check the network and the package index that pip uses",
        )
        _run([*pip, "check"], "run `make lock`")
    for site_packages in FOLDER.glob("lib/python3*/site-packages"):
        (site_packages / PATH_FILE).write_text(f"{ROOT}\n")
    _STAMP.write_text(wanted)
    return python


def _is_ours() -> bool:
    """Tell whether .venv was made here and by this Python: a moved or foreign one can't be mended."""
    try:
        return _STAMP.read_text().splitlines()[:2] == _fingerprint().splitlines()[:2]
    except OSError:
        return False


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for lock in LOCKS:
        digest.update(lock.read_bytes())
    return f"{FOLDER}\n{sys.version}\n{digest.hexdigest()}\n"


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
