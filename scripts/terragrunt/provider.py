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
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "TF_REATTACH_PROVIDERS"
START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 5.0
_ADDRESS = re.compile(VARIABLE + r"='(.*)'")


@contextmanager
def shared(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the variables that make Terraform use one provider process, which ends with the block.

    Empty where the machine has no unpacked provider, or the caller already shares one: then nothing is
    started. Raises OperatorError where the provider does not start.
    """
    binary = locate.provider()
    if binary is None or environment.get(VARIABLE):
        yield {}
        return
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryDirectory() as sockets:
        # A session of its own: an interrupt for Terraform's group must not take the provider away from it.
        child = subprocess.Popen(
            [str(binary), "-debug"],
            env={**environment, "PLUGIN_UNIX_SOCKET_DIR": sockets},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        try:
            address = _read_address(child)
            if address is None:
                errors.seek(0)
                raise OperatorError(
                    f"the provider {binary.name} did not start ({_last_line(errors.read())})",
                    remedy="run `make tools`",
                )
            yield {VARIABLE: address}
        finally:
            _stop(child)


def _read_address(child: subprocess.Popen[bytes]) -> str | None:
    """Return what the provider prints for VARIABLE, or None where it ends or stays silent."""
    found: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert child.stdout is not None  # noqa: S101 - opened as a pipe
        for line in child.stdout:
            match = _ADDRESS.search(line.decode("utf-8", errors="replace"))
            if match and not ready.is_set():
                found.append(match[1])
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    ready.wait(START_TIMEOUT_SECONDS)
    if not found:
        return None
    json.loads(found[0])
    return found[0]


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGINT)
    try:
        child.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _last_line(content: bytes) -> str:
    lines = content.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
