"""The shared provider process of a command that was killed: the next one ends it, and no other process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from scripts import living, paths
from scripts.terragrunt import provider, reattach
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Like the real one it says where it listens; the owner holds it until its input ends.
SAID = json.dumps(
    {"example.test/a/b": {"ProtocolVersion": 5, "Addr": {"Network": "unix", "String": "/nowhere"}}}
)
BINARY = f"#!/bin/sh\ncat <<'.'\n{reattach.VARIABLE}='{SAID}'\n.\nexec sleep 600\n"
OWNER = """
import os, pathlib, sys
from scripts.terragrunt import provider, reattach
from tools import locate
locate.provider = lambda: pathlib.Path(sys.argv[1])
with provider.started({"PATH": os.environ["PATH"]}) as process:
    print(process.variables(), flush=True)
    sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(not living.can_tell(), reason="only /proc tells when a process was started")


@pytest.fixture
def binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A provider of a checkout that is this test's alone."""
    monkeypatch.setenv(paths.LOCAL_VARIABLE, str(tmp_path / "local"))
    made = tmp_path / "provider"
    made.write_text(BINARY)
    made.chmod(0o755)
    return made


@pytest.fixture
def owner(binary: Path) -> Iterator[subprocess.Popen[str]]:
    """Another command, which has its provider and waits."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(binary)],
        cwd=paths.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert reattach.VARIABLE in process.stdout.readline()
        yield process
        if process.poll() is None:
            process.communicate()


def _noted() -> tuple[psutil.Process, Path, dict[str, object]]:
    """Return the one provider that is noted, its note, and what that says."""
    [note] = provider.folder().glob("*.json")
    known = json.loads(note.read_text())
    return psutil.Process(known["pid"]), note, known


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_one_with_an_owner_stays(owner: subprocess.Popen[str]) -> None:
    """Its command goes on; at that one's end process, note and sockets are gone."""
    process, note, known = _noted()
    assert provider.end_left_over() == []
    assert _runs(process)
    owner.communicate()
    assert not _runs(process)
    assert not note.exists()
    assert not os.path.lexists(str(known["sockets"]))


def test_the_next_command_ends_what_a_killed_one_left(owner: subprocess.Popen[str], binary: Path) -> None:
    """But not while a Terraform that outlives its command still has the sockets' folder in its variables."""
    process, note, known = _noted()
    [started] = process.children()
    owner.kill()
    owner.wait()
    variables = {**os.environ, reattach.VARIABLE: json.dumps({"String": f"{known['sockets']}/1"})}
    with subprocess.Popen(["sleep", "600"], env=variables) as terraform:
        try:
            assert provider.end_left_over() == []
            assert _runs(process)
        finally:
            terraform.kill()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(locate, "provider", lambda: binary)
        with provider.started({"PATH": os.environ["PATH"]}):
            psutil.wait_procs([process, started], timeout=10)
            assert not _runs(process)
            assert not _runs(started)
            assert not note.exists()
            assert not os.path.lexists(str(known["sockets"]))
            assert len(list(provider.folder().glob("*.json"))) == 1
    assert list(provider.folder().glob("*.json")) == []


def test_without_the_process_that_passes_calls_on_the_provider_is_ended_too(
    owner: subprocess.Popen[str], binary: Path
) -> None:
    """Whether its command ends as it should, or is killed as well."""
    process, note, _ = _noted()
    [started] = process.children()
    process.kill()
    psutil.wait_procs([process], timeout=10)
    assert _runs(started)
    owner.communicate()
    psutil.wait_procs([started], timeout=10)
    assert not _runs(started)
    assert not note.exists()


def test_a_killed_command_without_that_process_leaves_none_either(owner: subprocess.Popen[str]) -> None:
    """The next one finds the provider by the group, which nobody else can have meanwhile."""
    process, note, known = _noted()
    [started] = process.children()
    process.kill()
    owner.kill()
    owner.wait()
    psutil.wait_procs([process], timeout=10)
    assert provider.end_left_over() == [known["pid"]]
    psutil.wait_procs([started], timeout=10)
    assert not _runs(started)
    assert not note.exists()


def test_a_number_that_is_another_process_by_now_is_left_alone(binary: Path) -> None:
    """Nor is a folder removed that was never the sockets'; what is no note is passed over."""
    kept = binary.parent / "kept"
    kept.mkdir()
    provider.folder().mkdir(parents=True)
    me = psutil.Process()
    said = {"pid": me.pid, "started": 1, "owner": me.pid, "owner_started": 1, "sockets": str(kept)}
    (provider.folder() / "1.json").write_text(json.dumps(said))
    for number, wrong in enumerate((b"", b"[]", b'{"pid": "x"}', b"\xff")):
        (provider.folder() / f"x{number}.json").write_bytes(wrong)
    assert provider.end_left_over() == []
    assert kept.is_dir()
    assert not (provider.folder() / "1.json").exists()
