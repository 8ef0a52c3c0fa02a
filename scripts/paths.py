"""Where things are in a checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "terraform" / "backend-app" / "config"
BACKEND = ROOT / "backend-flask"
LOCAL_VARIABLE = "TRACED_BACKEND_LOCAL"


def local_folder() -> Path:
    """Return the folder of the local cloud's files: ``.local``, or what ``TRACED_BACKEND_LOCAL`` names.

    The variable lets a second local cloud, such as a test's, stand beside the first.
    """
    named = os.environ.get(LOCAL_VARIABLE)
    return Path(named).resolve() if named else ROOT / ".local"


def shown(path: Path) -> str:
    """Return *path* as a person in the checkout's root would write it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
