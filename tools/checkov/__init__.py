"""checkov, and check-jsonschema and hadolint, which are packages too: an environment by a lock of its own.

checkov pins an older boto3 than the operator's commands need.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from tools import cache, progress, python_environment
from tools.errors import ToolError

LOCK = Path(__file__).resolve().parent / "requirements.txt"
NAMES = ("check-jsonschema", "checkov", "hadolint")
_ALL = " and ".join([", ".join(NAMES[:-1]), NAMES[-1]])
_STAMP = "complete"


def folder() -> Path:
    """Return where the environment of this lock and this Python is kept, whether it is there or not."""
    key = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    return cache.folder() / "checkov" / key


def ensure() -> dict[str, Path]:
    """Return each executable by its name, after the environment was made where it isn't there.

    Raises ToolError where it can't be made or a package is not what the lock says.
    """
    place = folder()
    with cache.locked("checkov"):
        # the stamp comes last; a Python that went away since leaves links to nowhere
        if not (place / _STAMP).exists() or not (place / "bin" / "python").exists():
            try:
                with progress.step(f"{_ALL} in an environment of their own"):
                    if place.exists():
                        shutil.rmtree(place)
                    place.parent.mkdir(exist_ok=True)
                    python_environment.install(place, (LOCK,))
                    (place / _STAMP).touch()
            except OSError as error:
                raise ToolError(
                    f"{error.filename or place} can't be written ({error.strerror})",
                    remedy=f"make room there, or set {cache.FOLDER_VARIABLE}",
                ) from error
            except ToolError as error:
                raise ToolError(f"{_ALL}: {error.message}", remedy=error.remedy) from error
    return {name: place / "bin" / name for name in NAMES}
