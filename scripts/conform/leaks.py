"""The last look at a recording before it is written: does anything in it still tell whose it was."""

from __future__ import annotations

import io
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.conform import redaction

if TYPE_CHECKING:
    from collections.abc import Iterable

_PATTERNS = {
    "an e-mail address": redaction.EMAIL,
    "an IP address": redaction.IPV4,
    "an account number": redaction.ACCOUNT,
    "a principal's ARN": redaction.PRINCIPAL,
    "an AWS key": redaction.AWS_KEY,
    "a Honeycomb key": redaction.HONEYCOMB_KEY,
    "what looks like a configuration key": redaction.CONFIGURATION_KEY,
}


def found(text: str, known: Iterable[str] = ()) -> list[str]:
    """Return what *text* should not hold, by kind and never by value: the empty list is leave to write.

    Besides this module's own patterns it is held to the secret scan that `make lint` runs.
    """
    kinds = [kind for kind, pattern in _PATTERNS.items() if pattern.search(text)]
    if any(redaction.is_ip(match[0]) for match in redaction.IPV6.finditer(text)):
        kinds.append("an IP address")
    lowered = text.lower()
    if any(len(one) >= 6 and one.lower() in lowered for one in known):
        kinds.append("a name of the account's own")
    return sorted({*kinds, *_scanned(text)})


def _scanned(text: str) -> list[str]:
    from tools import secret_scan  # a local run, which keeps nothing, needs none of its detectors

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recording.json"
        file.write_text(text)
        said = io.StringIO()
        with redirect_stdout(said):
            failed = secret_scan.main([str(file)])
    return [line.rpartition(": ")[2] or "a secret" for line in said.getvalue().splitlines() if failed]
