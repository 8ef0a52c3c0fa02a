"""`make parity`: what X-Ray and Honeycomb have is the same, and where it is not, that is found."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from scripts import local_setup, localcloud_process, paths, secrets
from scripts.aws import clients
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.parity import backend, cloud, traffic
from scripts.parity.run import Result, run
from scripts.parity.stored import stored
from tests.end_to_end.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

REQUESTS = 400
FEW_REQUESTS = 80
TIMEOUT_SECONDS = 240
POLL_SECONDS = 0.1
WITHOUT_INSTRUMENTATION = """
from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.instrumentation.threading import ThreadingInstrumentor

SQLite3Instrumentor._instrument = lambda self, **settings: None
# Ours stands aside where theirs says that it is on.
ThreadingInstrumentor._is_instrumented_by_opentelemetry = True
"""
"""What Python runs first in the backend: statements and threads are left alone."""


@pytest.fixture(autouse=True)
def local_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Files of these runs' own; what a run puts into this process's variables is undone."""
    monkeypatch.setenv(paths.LOCAL_VARIABLE, str(tmp_path))
    before = dict(os.environ)
    try:
        yield tmp_path
    finally:
        os.environ.clear()
        os.environ.update(before)
        clients.cache_clear()
        secrets._known.clear()


def test_hundreds_of_mixed_requests_are_equal_and_accounted_for(tmp_path: Path) -> None:
    """Threads, SQL, calls, exceptions, every route: 0 different, 0 unaccounted, nothing left behind."""
    finished = subprocess.run(
        [sys.executable, "-m", "scripts", "parity", "--requests", str(REQUESTS), "--format", "json"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-4000:]
    document = json.loads(finished.stdout)
    assert document["requests"] == document["traces"] == REQUESTS
    assert document["equal"] == document["spans"] > 2 * REQUESTS
    assert (document["different"], document["unaccounted"], document["differences"]) == (0, 0, [])
    assert document["unexpected"] == 0
    for sink in document["sinks"].values():
        assert sink["recorded"] == sink["accepted"] == document["spans"] == document["logged"]
    assert finished.stderr.strip().splitlines()[-1].endswith("0 different, 0 unaccounted")
    assert list(tmp_path.iterdir()) == []


def test_a_document_that_is_spoiled_on_the_way_is_found() -> None:
    """One document of all says of a failed request that it did not fail: that is named, nothing else."""
    spoiled: list[str] = []

    def change(document: dict[str, Any]) -> dict[str, Any]:
        if document.get("fault") is True and not spoiled:
            spoiled.append(document["id"])
            document["fault"] = False
        return document

    result = _run_through(change)
    [difference] = result.differences
    assert (difference.fact, [difference.span_id]) == ("fault", spoiled)
    assert (difference.xray, difference.honeycomb) == ("(nothing)", True)
    assert (result.comparison.different, result.unaccounted, result.is_good) == (1, 0, False)


def test_a_document_that_vanishes_on_the_way_is_unaccounted() -> None:
    """The worker sent it, nobody counted it as lost, and X-Ray has it not."""
    swallowed: list[str] = []

    def change(document: dict[str, Any]) -> dict[str, Any] | None:
        if document.get("type") == "subsegment" and not swallowed:
            swallowed.append(document["id"])
            return None
        return document

    result = _run_through(change)
    assert [(one.fact, one.span_id) for one in result.differences] == [("span", swallowed[0])]
    assert {one.sink: one.unaccounted for one in result.accounts} == {"xray": 1, "honeycomb": 0}
    assert not result.is_good


def test_instrumentation_that_fell_away_is_found_though_both_sinks_agree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No span of a statement, and work in threads has no parent: nothing differs, and it is not good."""
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WITHOUT_INSTRUMENTATION)
    whole = backend._variables

    def variables(*given: Any) -> dict[str, str]:
        return {**whole(*given), "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}

    monkeypatch.setattr(backend, "_variables", variables)
    result = run(FEW_REQUESTS, Output(document=True))
    assert (result.comparison.different, result.unaccounted, result.is_good) == (0, 0, False)
    assert {one.fact for one in result.differences} == {"expected span"}
    missing = {one.name for one in result.differences if one.honeycomb == "(nothing)"}
    assert missing == {
        *("client CREATE", "client INSERT", "client SELECT"),
        *(f"internal work {number}" for number in range(3)),
    }
    unexpected = {one.name for one in result.differences if one.expected == "(nothing)"}
    assert unexpected == {f"internal work {number}" for number in range(3)}


def test_what_another_run_left_is_compared_too() -> None:
    """The local cloud's content, against the backend that recorded it, and without one."""
    output = Output(document=True)
    with cloud.running() as place:
        process = localcloud_process.running()
        assert process is not None
        local_setup.write_env(process)
        with pytest.raises(OperatorError, match="has no traces"):
            stored(output)
        with backend.running(place) as served:
            sent = traffic.send(served.port, FEW_REQUESTS, lambda _: None)
            result = stored(output, served.address)
            with pytest.raises(OperatorError, match="does not answer as the backend's"):
                stored(output, "http://127.0.0.1:1")
        assert result.is_good, result.differences
        assert result.comparison.traces == len(sent) == FEW_REQUESTS
        assert [one.accepted for one in result.accounts] == 2 * [result.comparison.spans]
        assert all(one.recorded == one.accepted for one in result.accounts)
        alone = stored(output)
        assert (alone.accounts, alone.comparison, alone.is_good) == ((), result.comparison, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--backend", "http://127.0.0.1:1"], "--backend goes with --stored"),
        (["--stored", "--backend", "127.0.0.1:4567"], "is no backend's URL"),
        (["--stored", "--requests", "5"], "not allowed with"),
        (["--stored"], "the local cloud is not running"),
    ],
)
def test_what_can_not_be_read_is_refused(words: list[str], told: str) -> None:
    """With what was expected."""
    finished = subprocess.run(
        [sys.executable, "-m", "scripts", "parity", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    assert finished.returncode == 2
    assert told in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("requests", ["0", "-1", "many", "1000000"])
def test_a_wrong_number_of_requests_is_refused(requests: str) -> None:
    """With the range that is allowed."""
    finished = subprocess.run(
        [sys.executable, "-m", "scripts", "parity", f"--requests={requests}"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    assert finished.returncode == 2
    assert "expected 1 to" in finished.stderr
    assert "Traceback" not in finished.stderr


def _run_through(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Result:
    def between(daemon_address: str) -> AbstractContextManager[str]:
        return _relay(daemon_address, change)

    return run(FEW_REQUESTS, Output(document=True), between=between)


@contextmanager
def _relay(daemon_address: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Iterator[str]:
    """Stand before the daemon: pass on what *change* makes of a document, nothing where that is None."""
    host, _, port = daemon_address.rpartition(":")
    stopping = threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
    ):
        near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        near.bind(("127.0.0.1", 0))
        near.settimeout(POLL_SECONDS)

        def pass_on() -> None:
            while not stopping.is_set():
                try:
                    packet = near.recv(65_535)
                except TimeoutError:
                    continue
                header, _, body = packet.partition(b"\n")
                document = change(json.loads(body))
                if document is not None:
                    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
                    far.sendto(header + b"\n" + text.encode(), (host, int(port)))

        thread = threading.Thread(target=pass_on)
        thread.start()
        try:
            yield f"tcp:{daemon_address} udp:127.0.0.1:{near.getsockname()[1]}"
        finally:
            stopping.set()
            thread.join()
