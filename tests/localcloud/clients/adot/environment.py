"""ADOT's environment: made once for each state of its lock, in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import cache

LOCK = Path(__file__).with_name("requirements.txt")
MADE = "made"
_PIPS_OWN = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
}
"""uv has names of its own for what pip's users set."""
TIMEOUT_SECONDS = 280


def python() -> Path:
    """Return the Python of an environment that holds just what the lock names, made where it isn't there."""
    wanted = f"{LOCK.read_text()}\n{sys.version}\n{sys.base_prefix}"
    folder = cache.folder() / f"adot-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}"
    with cache.locked("adot"):
        if not (folder / MADE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder)
            (folder / MADE).touch()
    return folder / "bin" / "python"


def _make(folder: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    interpreter = folder / "bin" / "python"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, folder],
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--no-deps",
            "--python",
            interpreter,
            "-r",
            LOCK,
        ],
    ):
        done = subprocess.run(
            [str(word) for word in command],
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"ADOT's environment can't be made: {done.stderr}"


def _environment() -> dict[str, str]:
    """Return our variables, with pip's settings for uv where uv has none."""
    pips = {name: os.environ[pip] for pip, name in _PIPS_OWN.items() if pip in os.environ}
    return {**pips, **os.environ}
