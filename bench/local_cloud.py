"""A local cloud with everything applied, for the benchmarks that need one."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import commands
from scripts.paths import local_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

ENV_FILE = local_folder() / "env"
KEY_FILE = local_folder() / "honeycomb-key"


@contextmanager
def applied() -> Iterator[dict[str, str]]:
    """Start the local cloud where none runs, apply, and yield its addresses; end what was started here."""
    started = not ENV_FILE.exists()
    commands.output(commands.scripts("local-up"))
    try:
        commands.output(commands.scripts("apply"))
        yield addresses()
    finally:
        if started:
            commands.output(commands.scripts("local-down"))


def addresses() -> dict[str, str]:
    """Return the variables of ``.local/env``, read by a shell as a user would."""
    text = commands.output(
        ["/bin/sh", "-c", '. "$0" && env -0', str(ENV_FILE)],
        environment={"PATH": os.environ["PATH"]},
    )
    pairs = (line.split("=", 1) for line in text.split("\0") if "=" in line)
    return {name: value for name, value in pairs if name != "PWD"}
