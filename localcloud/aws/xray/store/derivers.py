"""Who derives facts: the caller for a few traces, processes of its own for many."""

import contextlib
import logging
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import localcloud
from localcloud.aws.xray.store import worker
from localcloud.aws.xray.store.arrow import make_table
from localcloud.aws.xray.store.deriving import Changed, derive_rows
from localcloud.time_limits import at_most

ALONE_MAX_DOCUMENTS = 1_000
PROCESSES = 2
GIVEN_AHEAD = 2
"""Chunks that a process has at a time: while one is derived the next one waits there."""
ANSWER_SECONDS = 10
"""For a chunk to be given and answered; a process that takes longer is ended, and done without."""
STOP_SECONDS = 5

log = logging.getLogger(__name__)


class Deriver:
    """Makes rows of traces; used by one thread at a time."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self.processes: list[subprocess.Popen[bytes]] = []
        """Those that run, once there was work for them."""

    def rows(
        self, place: str, account_id: str, chunks: Sequence[Sequence[Changed]]
    ) -> Generator[Any, None, None]:
        """Yield each chunk's rows as an Arrow table, see `derive_rows`; the next are derived meanwhile."""
        done = 0
        if sum(len(trace.texts) for chunk in chunks for trace in chunk) > ALONE_MAX_DOCUMENTS:
            try:
                for rows in self._ask(place, account_id, chunks):
                    done += 1
                    yield rows
            except OSError as error:
                log.warning("a deriving process is gone (%s): going on without it", error)
            finally:
                if done < len(chunks):
                    # what is on its way isn't wanted any more
                    self._kill()
        for chunk in chunks[done:]:
            yield derive_rows(self._schema, place, account_id, chunk)

    def request(self, place: str, account_id: str, traces: Sequence[Changed]) -> Any:
        """Return the table that asks a process for rows."""
        metadata = {
            worker.PLACE: place.encode(),
            worker.ACCOUNT_ID: account_id.encode(),
            worker.ROWS: self._schema.serialize().to_pybytes(),
        }
        columns = dict(zip(Changed._fields, zip(*traces, strict=True), strict=True))
        return make_table(worker.REQUEST_SCHEMA.with_metadata(metadata), columns)

    def stop(self) -> None:
        """End the processes, where there are any."""
        processes, self.processes = self.processes, []
        for process in processes:
            _end(process)

    def _ask(
        self, place: str, account_id: str, chunks: Sequence[Sequence[Changed]]
    ) -> Generator[Any, None, None]:
        processes = self._running(min(PROCESSES, len(chunks)))

        ahead = GIVEN_AHEAD * len(processes)
        for number in range(-ahead, len(chunks)):
            if number + ahead < len(chunks):
                request = self.request(place, account_id, chunks[number + ahead])
                _give(processes[number % len(processes)], request)
            if number >= 0:
                yield _take(processes[number % len(processes)])

    def _kill(self) -> None:
        for process in self.processes:
            process.kill()
        self.stop()

    def _running(self, count: int) -> "list[subprocess.Popen[bytes]]":
        """Return so many processes; more are started where there are fewer."""
        ended = [process for process in self.processes if process.poll() is not None]
        for process in ended:  # for want of work
            self.processes.remove(process)
            _end(process)
        while len(self.processes) < count:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", worker.__name__],
                    cwd=Path(localcloud.__file__).parents[1],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,  # a Ctrl-C is for the parent
                )
            )
        return self.processes[:count]


def _give(process: "subprocess.Popen[bytes]", request: Any) -> None:
    if process.stdin is None:
        raise BrokenPipeError("it has no pipes")
    with _deadline(process):
        worker.write_table(process.stdin, request)


def _take(process: "subprocess.Popen[bytes]") -> Any:
    if process.stdout is None:
        raise BrokenPipeError("it has no pipes")
    with _deadline(process):
        rows = worker.read_table(process.stdout)
    if rows is None:
        raise BrokenPipeError(f"it ended, or took more than {ANSWER_SECONDS} seconds")
    return rows


def _end(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _deadline(process: "subprocess.Popen[bytes]") -> AbstractContextManager[None]:
    """Kill a process unless what is done with it is done in time: then neither end of a pipe waits for it."""
    return at_most(ANSWER_SECONDS, process.kill)
