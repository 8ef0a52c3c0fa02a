"""The user's cache folder: what is slow to get is kept there by version, outside the checkout."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER_VARIABLE = "TRACED_BACKEND_CACHE"


def folder() -> Path:
    """Return the cache folder, made if it is not there.

    ``TRACED_BACKEND_CACHE``, else ``$XDG_CACHE_HOME/traced-backend``, else ``~/.cache/traced-backend``, where
    the home folder is the account's own where HOME is not set.
    Raises ToolError where none of them can be written.
    """
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        path = Path(chosen)
    else:
        base = os.environ.get("XDG_CACHE_HOME")
        path = (Path(base) if base else home() / ".cache") / "traced-backend"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(
            f"cache folder {path} can't be written ({error.strerror})", remedy=f"set {FOLDER_VARIABLE}"
        ) from error
    return path


def home() -> Path:
    """Return the user's home folder. Raises ToolError where neither HOME nor the account names one."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise ToolError("no home folder is known", remedy=f"set HOME or {FOLDER_VARIABLE}") from error


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the cache's lock *name*, so that two set-ups at once don't build the same thing twice."""
    with (folder() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_memo(key: str) -> object | None:
    """Return what was remembered under *key*, or None; an unreadable memo is as good as none."""
    try:
        content = json.loads((folder() / "memo.json").read_text())
    except (OSError, ValueError):
        return None
    return content.get(key) if isinstance(content, dict) else None


def write_memo(key: str, value: object) -> None:
    """Remember *value* (JSON) under *key*; the file is replaced whole."""
    path = folder() / "memo.json"
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        content = {}
    if not isinstance(content, dict):
        content = {}
    content[key] = value
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as handle:
        json.dump(content, handle)
    Path(handle.name).replace(path)
