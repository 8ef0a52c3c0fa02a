"""However a worker ends, under every kind of worker: each of its spans was sent, or is counted.

`/health/tracing` keeps the accounts of all workers, dead ones included; they are set against the requests
that were answered, and against what X-Ray and Honeycomb really hold.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.accounts import (
    SINKS,
    Account,
    held,
    held_together,
    pids_of,
    settled_accounts,
    workers_of,
)
from tests.end_to_end.backend import until
from tests.end_to_end.load import CONNECTIONS, SPANS, Load, load_on

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.backend import Stage

WORKERS = 2
REQUESTS = 30
RECYCLED_AFTER = 40
EVENTS = {"recycling": None, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}


def end_a_worker(backend: BackendProcess, load: Load, number: signal.Signals | None) -> None:
    """End one worker in the middle of load, without a signal by its recycling; a new one takes over."""
    load.grow(REQUESTS)
    before = until(lambda: workers_of(backend), lambda workers: len(workers["running"]) == WORKERS)
    if number is not None:
        os.kill(min(pids_of(before)), number)
    until(
        lambda: workers_of(backend),
        lambda workers: workers["ended"]["workers"] >= 1 and not pids_of(workers) <= pids_of(before),
    )
    load.grow(REQUESTS)


def assert_accounts(load: Load, accounts: dict[str, Account], *, is_killed: bool) -> None:
    """What was recorded is what was answered; sent, dropped and lost together are what was recorded.

    Of a request that a killed worker was answering, the answer may be out while its server span hadn't ended.
    """
    unended = CONNECTIONS if is_killed else 0
    for name, account in accounts.items():
        assert account.recorded >= SPANS * len(load.answered) - unended, name
        assert account.recorded <= SPANS * len(load.asked), name
        assert account.recorded == account.sent + account.dropped + account.lost, name
        assert account.dropped == 0, name
        assert is_killed or account.lost == 0, name


def assert_held(stage: Stage, load: Load, accounts: dict[str, Account]) -> None:
    """The sinks hold what was sent. What a killed worker sent without noting it counts as lost."""
    found = until(
        lambda: held_together(stage, load.asked),
        lambda found: all(found[name] >= accounts[name].sent for name in SINKS),
    )
    for name in SINKS:
        assert found[name] <= accounts[name].sent + accounts[name].lost, name


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["", "preload"])
@pytest.mark.parametrize("worker_class", ["sync", "gthread", "gevent"])
def test_every_span_is_sent_or_counted(
    stage: Stage, tmp_path: Path, worker_class: str, preload: tuple[str, ...], event: str
) -> None:
    """A worker ends under load, then the whole backend does: nothing is missing that isn't counted."""
    options = ["-k", worker_class, "-w", str(WORKERS), *preload]
    if event == "recycling":
        options += ["--max-requests", str(RECYCLED_AFTER), "--max-requests-jitter", "10"]
    with stage.serving(tmp_path, *options) as backend:
        with load_on(backend) as load:
            end_a_worker(backend, load, EVENTS[event])
        accounts = settled_accounts(backend)
        assert_accounts(load, accounts, is_killed=event == "SIGKILL")
        assert_held(stage, load, accounts)
        with load_on(backend) as last:
            last.grow(REQUESTS // 2)
            assert backend.stop() == 0
        assert "Traceback" not in backend.output()
    whole = dict.fromkeys(last.answered, SPANS)
    until(lambda: held(stage, last.answered), lambda found: all(found[name] == whole for name in SINKS))
