"""One AWS provider process for a whole local run, instead of one for each unit and step.

Terraform's reattach mechanism is a development tool: it skips the lock file's check. So it serves the local
cloud only. The provider's start is what a run of small units mostly costs (reference: Terraform,
"Running Terraform with a provider in debug mode").
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from scripts import interrupts
from scripts.errors import OperatorError
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VARIABLE = "TF_REATTACH_PROVIDERS"
START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 5.0
_ADDRESS = re.compile(VARIABLE + r"='(.*)'")


class SharedProvider:
    """A provider process; once started, it gets ready while its owner does something else."""

    def __init__(self, binary: Path) -> None:
        self._binary = binary
        self._found: list[str] = []
        self._told = threading.Event()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._sockets = tempfile.TemporaryDirectory()
        self._child: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process; ``stop`` ends it, also where this was interrupted.

        It gets a session of its own: an interrupt for Terraform's group must not take the provider from it.
        """
        with interrupts.put_off():
            self._child = subprocess.Popen(
                [str(self._binary), "-debug"],
                env={**environment, "PLUGIN_UNIX_SOCKET_DIR": self._sockets.name},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
            self._reader = threading.Thread(target=self._read, args=(self._child.stdout,), daemon=True)
            self._reader.start()

    def variables(self) -> dict[str, str]:
        """Return the variables that make Terraform use it, once it is ready.

        Raises OperatorError, with the last line it said, where it ends or stays silent instead.
        """
        self._told.wait(START_TIMEOUT_SECONDS)
        if not self._found:
            self._errors.seek(0)
            raise OperatorError(
                f"the provider {self._binary.name} did not start ({_last_line(self._errors.read())})",
                remedy="run `make tools`",
            )
        return {VARIABLE: self._found[0]}

    def stop(self) -> None:
        """End the process, where there is one, and remove what belongs to it."""
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)
            try:
                self._child.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._reader is not None:
            self._reader.join()
        self._errors.close()
        self._sockets.cleanup()

    def _read(self, output: IO[bytes]) -> None:
        with output as lines:
            for line in lines:
                match = _ADDRESS.search(line.decode("utf-8", errors="replace"))
                if match and not self._found and _is_json(match[1]):
                    self._found.append(match[1])
                    self._told.set()
        self._told.set()


@contextmanager
def started(environment: Mapping[str, str]) -> Iterator[SharedProvider | None]:
    """Start one provider process, which ends with the block.

    None where the machine has no unpacked provider, or the caller already shares one.
    """
    binary = locate.provider()
    if binary is None or environment.get(VARIABLE):
        yield None
        return
    process = SharedProvider(binary)
    try:
        process.start(environment)
        yield process
    finally:
        process.stop()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _last_line(content: bytes) -> str:
    lines = content.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
