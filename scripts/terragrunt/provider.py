"""One AWS provider for a whole local run, instead of one for each unit and step.

It is started, and its schema cut to what the run needs, by ``provider_process``. Terraform's reattach
mechanism is a development tool: it skips the lock file's check. So it serves the local cloud only. Its start
and its schema are what a run of small units mostly costs (reference: Terraform, "Running Terraform with a
provider in debug mode").

It ends with its command, but for one that is killed: Terraform, which may still write, needs it then. So each
process, which leads a group of its own, is noted in the local folder, and the next command ends those whose
owner and Terraform are gone.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from scripts import interrupts, paths
from scripts.errors import OperatorError
from scripts.living import any_knows, can_tell, start_time
from scripts.terragrunt.reattach import ADDRESS, FOLDER_VARIABLE, TYPES_FILE, VARIABLE
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 5.0
_PREFIX = "traced-backend-provider-"
_PROCESS = (sys.executable, "-m", "scripts.terragrunt.provider_process")


class SharedProvider:
    """A provider process; once started, it gets ready while its owner does something else."""

    def __init__(self, binary: Path) -> None:
        self._binary = binary
        self._found: list[str] = []
        self._told = threading.Event()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._sockets = tempfile.TemporaryDirectory(prefix=_PREFIX)
        self._child: subprocess.Popen[bytes] | None = None
        self._note: Path | None = None
        self._reader: threading.Thread | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process; ``stop`` ends it, also where this was interrupted.

        It gets a session of its own: an interrupt for Terraform's group must not take the provider from it.
        """
        with interrupts.put_off():
            self._child = subprocess.Popen(
                [*_PROCESS, str(self._binary)],
                cwd=paths.ROOT,
                env={**environment, FOLDER_VARIABLE: self._sockets.name},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
            self._note = _noted(self._child.pid, self._sockets.name)
            self._reader = threading.Thread(target=self._read, args=(self._child.stdout,), daemon=True)
            self._reader.start()

    def variables(self, types: Collection[str] | None = None) -> dict[str, str]:
        """Return the variables that make Terraform use it, once it is ready.

        The schema that Terraform gets from then on has the resource types and data sources *types* alone;
        without them it has all.

        Raises OperatorError, with the last line it said, where it ends or stays silent instead.
        """
        self._told.wait(START_TIMEOUT_SECONDS)
        if not self._found:
            self._errors.seek(0)
            raise OperatorError(
                f"the provider {self._binary.name} did not start ({_last_line(self._errors.read())})",
                remedy="run `make tools`",
            )
        file = Path(self._sockets.name, TYPES_FILE)
        if types is None:
            file.unlink(missing_ok=True)
        else:
            written = file.with_suffix(".new")
            written.write_text("\n".join(sorted(types)))
            written.replace(file)
        return {VARIABLE: self._found[0]}

    def stop(self) -> None:
        """End the process, where there is one, and remove what belongs to it."""
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_TIMEOUT_SECONDS)
            _kill_group(self._child.pid)
            self._child.wait()
        if self._reader is not None:
            self._reader.join()
        self._errors.close()
        self._sockets.cleanup()
        if self._note is not None:
            self._note.unlink(missing_ok=True)

    def _read(self, output: IO[bytes]) -> None:
        with output as lines:
            for line in lines:
                match = ADDRESS.search(line.decode("utf-8", errors="replace"))
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
    end_left_over()
    process = SharedProvider(binary)
    try:
        process.start(environment)
        yield process
    finally:
        process.stop()


def folder() -> Path:
    """Return the folder that has a note for each process, by its number."""
    return paths.local_folder() / "providers"


def end_left_over() -> list[int]:
    """Kill the processes whose owner was killed and that no Terraform uses any more; return their numbers.

    One counts as the noted one only with its start time, so that nobody else's is ever ended. Terraform has
    the folder of the sockets in its variables. Where the system tells neither, nothing is done.
    """
    ended = []
    for note in sorted(folder().glob("*.json")) if can_tell() else ():
        try:
            known = json.loads(note.read_text())
            pid, started, sockets = int(known["pid"]), int(known["started"]), str(known["sockets"])
            owner = int(known["owner"]), int(known["owner_started"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # it is being written, or has just been removed
        if start_time(owner[0]) == owner[1]:
            continue
        if start_time(pid) in {started, None}:  # a group without its leader is nobody else's
            if any_knows(sockets, but_group=pid):
                continue
            if _kill_group(pid):
                ended.append(pid)
        if Path(sockets).name.startswith(_PREFIX):
            shutil.rmtree(sockets, ignore_errors=True)
        note.unlink(missing_ok=True)
    return ended


def _noted(pid: int, sockets: str) -> Path:
    """Write down which process it is and whose, and return the note's file."""
    note = folder() / f"{pid}.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    owner = os.getpid()
    said = {"pid": pid, "started": start_time(pid), "sockets": sockets}
    said |= {"owner": owner, "owner_started": start_time(owner)}
    note.write_text(json.dumps(said))
    return note


def _kill_group(group: int) -> bool:
    """Kill what is left of a process group; tell whether there was anything."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # none, or none but zombies
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _last_line(content: bytes) -> str:
    lines = content.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
