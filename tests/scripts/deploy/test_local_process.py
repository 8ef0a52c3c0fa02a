"""The deployed backend as a process here: it alone is ended, and a start that fails leaves nothing."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import psutil
import pytest

from scripts import living, paths
from scripts.deploy import local_process
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A free port; the files go to a folder of the test's own, and what still runs is ended."""
    monkeypatch.setenv(paths.LOCAL_VARIABLE, str(tmp_path))
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    yield number
    local_process.stop()


def _start(script: str, folder: Path, port: int) -> local_process.Process:
    return local_process.start(
        [sys.executable, "-c", script, str(port)],
        {"PATH": os.defpath},
        working=folder,
        port=port,
        definition="backend:1",
    )


def test_it_is_known_again_and_ended(port: int, tmp_path: Path) -> None:
    """By what was noted: process, start and port."""
    process = _start(SERVER, tmp_path, port)
    assert local_process.running() == process
    local_process.require_port(port)  # its own port may be taken over
    assert local_process.stop() == process
    assert local_process.running() is None
    assert not psutil.pid_exists(process.pid) or psutil.Process(process.pid).status() == "zombie"
    assert local_process.stop() is None


def test_without_proc_it_is_known_again_and_ended_too(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS, where the number has to do; one that never answers leaves nothing either."""
    monkeypatch.setattr(living, "PROCESSES", tmp_path / "none")
    monkeypatch.setattr(local_process, "START_TIMEOUT_SECONDS", 0.2)
    with pytest.raises(OperatorError, match="did not answer in time"):
        _start("import time; time.sleep(600)", tmp_path, port)
    assert local_process.running() is None
    monkeypatch.setattr(local_process, "START_TIMEOUT_SECONDS", 60.0)
    process = _start(SERVER, tmp_path, port)
    assert local_process.running() == process
    assert local_process.stop() == process
    assert not psutil.pid_exists(process.pid)


def test_a_process_that_only_has_its_number_is_left_alone(port: int, tmp_path: Path) -> None:
    """The number alone may be another program's by now; a broken note is none."""
    note = {"pid": os.getpid(), "started": 1, "port": port, "definition": "backend:1"}
    local_process.record().write_text(json.dumps(note))
    assert local_process.running() is None
    assert local_process.stop() is None
    local_process.record().write_text("{")
    assert local_process.running() is None


def test_one_that_does_not_start_is_told_with_its_last_lines(port: int, tmp_path: Path) -> None:
    """Nothing is left of it, and what it said is the reason."""
    with pytest.raises(OperatorError, match=r"ended with 3: one \| two \| three: look at"):
        _start("print('zero\\none\\ntwo\\nthree'); raise SystemExit(3)", tmp_path, port)
    assert not local_process.record().exists()


def test_a_port_that_is_taken_is_told(port: int) -> None:
    """Before anything is applied, with the way out."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(OperatorError, match=f"port {port}.*is taken.*PORT=<another>"):
            local_process.require_port(port)
