"""Asking an executable for its version, once for each file that PATH or the cache offers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tools import cache, progress, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def version_of(path: Path, arguments: Sequence[str]) -> tuple[int, int, int] | None:
    """Return the version that *path* prints, or None where it prints none.

    The answer is remembered by the file's size and time of change: asking costs a process.
    """
    status = path.stat()
    key = f"version {path}"
    stamp = [status.st_mtime_ns, status.st_size]
    known = cache.read_memo(key)
    if isinstance(known, dict) and known.get("stamp") == stamp:
        return versions.parse(str(known.get("version")))
    # a command line configuration that names a missing file is a warning on stderr, not part of the version
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    environment["TFLINT_DISABLE_VERSION_CHECK"] = "1"  # tflint would ask the network for a newer one
    try:
        _, output = progress.run([path, *arguments], environment=environment)
    except OSError:
        return None
    version = versions.parse(output)
    if version is not None:
        cache.write_memo(key, {"stamp": stamp, "version": ".".join(map(str, version))})
    return version


def on_path(
    name: str, arguments: Sequence[str], fits: Callable[[tuple[int, int, int]], bool]
) -> tuple[Path | None, str]:
    """Return the first *name* on PATH whose version fits, else None and what was found instead."""
    refused: list[str] = []
    for folder in dict.fromkeys(os.get_exec_path()):
        found = shutil.which(name, path=folder)
        if found is None:
            continue
        version = version_of(Path(found), arguments)
        if version is None:
            refused.append(f"{found} does not say its version")
        elif fits(version):
            return Path(found), ""
        else:
            refused.append(f"{found} is {'.'.join(map(str, version))}")
    return None, "; ".join(refused) or "not on PATH"
