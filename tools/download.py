"""Downloads that are checked before anything uses them.

What they need is imported where they are made: it takes as long as a good part of a short command.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from tools.errors import ToolError

TIMEOUT_SECONDS = 30
CHUNK_BYTES = 1 << 20


def read_text(url: str) -> str:
    """Return the text at *url*. Raises ToolError where it can't be reached."""
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own pinned addresses
            content: bytes = answer.read()
    except (OSError, ValueError) as error:
        raise ToolError(f"{url} can't be reached ({_reason(error)})", remedy="check the network") from error
    return content.decode("utf-8", errors="replace")


def published_sum(sums: str, file_name: str) -> str:
    """Return the SHA-256 that *sums*, a vendor's SHA256SUMS, gives for *file_name*.

    Raises ToolError where it lists none.
    """
    for line in sums.splitlines():
        words = line.split()
        if len(words) == 2 and words[1].lstrip("*") == file_name:
            return words[0].lower()
    raise ToolError(f"the vendor's sums don't list {file_name}", remedy="check tools/versions.py")


def fetch(url: str, destination: Path, *, sha256: str) -> None:
    """Download *url* to *destination*, which appears only once its SHA-256 is right.

    Raises ToolError where it can't be reached or is not what was published.
    """
    import urllib.request

    destination.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=destination.parent)
    temporary = Path(name)
    try:
        with (
            os.fdopen(handle, "wb") as target,
            urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer,  # noqa: S310 - our own pinned addresses
        ):
            while chunk := answer.read(CHUNK_BYTES):
                digest.update(chunk)
                target.write(chunk)
        if digest.hexdigest() != sha256:
            raise ToolError(
                f"{url} has SHA-256 {digest.hexdigest()}, published is {sha256}",
                remedy="don't use it; try again, and look at your proxy",
            )
        temporary.replace(destination)
    except (OSError, ValueError) as error:
        raise ToolError(f"{url} can't be fetched ({_reason(error)})", remedy="check the network") from error
    finally:
        temporary.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason if reason is not None else error)
