"""A local cloud for the benchmarks that need one: the checkout's, applied, or one of its own."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import commands
from scripts.paths import LOCAL_VARIABLE, local_folder

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


@contextmanager
def own() -> Iterator[Path]:
    """Start an empty local cloud beside any other, yield its folder, and end it.

    An operator's command works on it with ``LOCAL_VARIABLE`` set to that folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        commands.output(commands.scripts("local-up"), environment={LOCAL_VARIABLE: folder})
        try:
            yield Path(folder)
        finally:
            commands.output(commands.scripts("local-down"), environment={LOCAL_VARIABLE: folder})


def addresses(folder: Path | None = None) -> dict[str, str]:
    """Return the variables of the file ``env`` in *folder* or the checkout's, read by a shell as users do."""
    file = ENV_FILE if folder is None else folder / "env"
    text = commands.output(
        ["/bin/sh", "-c", '. "$0" && env -0', str(file)],
        environment={"PATH": os.environ["PATH"]},
    )
    pairs = (line.split("=", 1) for line in text.split("\0") if "=" in line)
    return {name: value for name, value in pairs if name != "PWD"}
