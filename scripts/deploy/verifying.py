"""Verifying what was deployed: by `make verify`, with the workers that run and, on this machine, a probe."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import TYPE_CHECKING

from scripts.commands import verify
from scripts.telemetry import current

if TYPE_CHECKING:
    from scripts.output import Output

TRIES = 3
PAUSE_SECONDS = 20.0


def local(address: str) -> bool:
    """Tell whether all is right, three ways and by a probe, with the backend at *address*."""
    return _verify("local", backend=address, probe=True)


def on_aws(environment_name: str, workers: int, output: Output) -> bool:
    """Tell whether all is right, three ways, with *workers* heard of by their log group.

    Log lines take a while to be found, and tasks that end tell so at their end: it is looked three times.
    """
    for attempt in range(1, TRIES + 1):
        if _verify(environment_name, loaded="logs", workers=str(workers)):
            return True
        if attempt < TRIES:
            output.say(f"verified again in {PAUSE_SECONDS:.0f} s: log lines arrive late")
            time.sleep(PAUSE_SECONDS)
    return False


def _verify(environment_name: str, **given: object) -> bool:
    asked = {"format": "table", "backend": "", "loaded": "", "workers": "", "since": "", "probe": False}
    with current.step("verify"):
        return verify.run(Namespace(env=environment_name, **{**asked, **given})) == 0
