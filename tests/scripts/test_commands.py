"""Commands run as make runs them: exit codes, streams, and the local cloud's life."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.localcloud_process import LocalCloud


def _run(*words: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", *words],
        env={**os.environ, "TRACED_BACKEND_LOCAL": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("plan", "--env", "staging"),
        ("plan", "--env", ""),
        ("verify", "--format", "yaml"),
        ("traces", "--since", "soon"),
    ],
)
def test_wrong_words_end_with_2(words: tuple[str, ...], tmp_path: Path) -> None:
    """And with what is allowed, on stderr."""
    finished = _run(*words, folder=tmp_path)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("command", ["plan", "apply", "destroy", "output", "verify", "traces", "backend"])
def test_without_a_local_cloud_each_command_names_the_remedy(command: str, tmp_path: Path) -> None:
    """One line, exit code 2, nothing on stdout."""
    finished = _run(command, folder=tmp_path)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith(f"{command}: the local cloud is not running")
    assert finished.stderr.count("\n") == 1
    assert "make local-up" in finished.stderr


@pytest.mark.parametrize("command", ["apply", "destroy", "rotate-honeycomb-key"])
def test_approval_is_refused_before_anything_is_looked_at(command: str, tmp_path: Path) -> None:
    """Neither a configuration, as dev's is incomplete, nor credentials nor a key are needed for that."""
    for given in ("", "prod"):
        finished = _run(command, "--env", "dev", "--approve", given, folder=tmp_path)
        assert (finished.returncode, finished.stdout) == (2, "")
        assert finished.stderr.count("\n") == 1
        assert "APPROVE=dev" in finished.stderr


def test_variables_that_are_not_passed_on_are_named_once(cloud: tuple[Path, LocalCloud]) -> None:
    """By name, before the run; an empty one counts as none."""
    given = {"TF_LOG": "trace", "TF_LOG_PATH": "/x", "TG_LOG_FORMAT": "json", "TF_WORKSPACE": ""}
    finished = _run("traces", folder=cloud[0], **given)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("not passed on to Terraform") == 1
    assert "TF_LOG, TF_LOG_PATH, TG_LOG_FORMAT\n" in finished.stdout


def test_local_down_without_a_local_cloud(tmp_path: Path) -> None:
    """It says so and is content."""
    finished = _run("local-down", folder=tmp_path)
    assert finished.returncode == 0
    assert finished.stdout.strip().endswith("was not running")


def test_the_process_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A number that belongs to another process by now is not ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        known = {"pid": other.pid, "started": 1, "daemon_address": "127.0.0.1:1"}
        known |= {"aws_endpoint_url": "http://127.0.0.1:1", "honeycomb_api_endpoint": "http://127.0.0.1:1"}
        (tmp_path / "localcloud.json").write_text(json.dumps(known))
        finished = _run("local-down", folder=tmp_path)
        assert finished.returncode == 0
        assert other.poll() is None
        other.communicate(b"\n")


def test_a_malformed_key_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """And never repeated."""
    finished = _run("local-up", folder=tmp_path, HONEYCOMB_API_KEY="malformed-key-value")
    assert finished.returncode == 2
    assert "HONEYCOMB_API_KEY is malformed" in finished.stderr
    assert "malformed-key-value" not in finished.stdout + finished.stderr
    assert not (tmp_path / "localcloud.json").exists()


def test_local_up_again_and_down(tmp_path: Path) -> None:
    """Up with a given key; up again changes nothing; other ports are refused; down leaves nothing."""
    key = "hcaik_" + "g" * 58
    up = _run("local-up", folder=tmp_path, HONEYCOMB_API_KEY=key)
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        assert up.stdout.splitlines()[-1].startswith("local-up: the local cloud is up")
        assert key not in up.stdout + up.stderr
        assert (tmp_path / "honeycomb-key").read_text().strip() == key
        assert (tmp_path / "honeycomb-key").stat().st_mode & 0o777 == 0o600
        assert key not in (tmp_path / "env").read_text() + (tmp_path / "localcloud.log").read_text()
        addresses = (tmp_path / "env").read_text()
        again = _run("local-up", folder=tmp_path)
        assert again.returncode == 0, again.stderr
        assert "was running already" in again.stdout
        assert (tmp_path / "env").read_text() == addresses
        other = _run("local-up", "--aws-port", "1", folder=tmp_path)
        assert other.returncode == 2
        assert "runs already" in other.stderr
        pid = json.loads((tmp_path / "localcloud.json").read_text())["pid"]
    finally:
        down = _run("local-down", folder=tmp_path)
    assert down.returncode == 0, down.stderr
    assert str(pid) in down.stdout
    # Where nobody takes note of the end, the number stays in the process table without a process.
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert not {"env", "honeycomb-key", "localcloud.json"} & {path.name for path in tmp_path.iterdir()}


def test_a_port_that_is_taken_is_told(cloud: tuple[Path, LocalCloud], tmp_path: Path) -> None:
    """The local cloud's own reason, and no process left behind."""
    taken = cloud[1].aws_endpoint_url.rsplit(":", 1)[1]
    finished = _run("local-up", "--aws-port", taken, folder=tmp_path)
    assert finished.returncode == 2
    assert "local-up: the local cloud ended with" in finished.stderr
    assert taken in finished.stderr
    assert not (tmp_path / "localcloud.json").exists()


@pytest.mark.parametrize("kind", ["json", "junit", "markdown"])
def test_with_a_document_stdout_is_that_alone(cloud: tuple[Path, LocalCloud], kind: str) -> None:
    """All else, the summary too, is on stderr; missing resources make the exit code 1."""
    finished = _run("verify", "--format", kind, folder=cloud[0])
    assert finished.returncode == 1, finished.stderr
    if kind == "json":
        assert json.loads(finished.stdout)["environment"] == "local"
    elif kind == "markdown":
        assert finished.stdout.startswith("### Verify, local\n\n**Not all is well**: ")
    else:
        assert finished.stdout.startswith("<?xml")
        assert finished.stdout.endswith("</testsuites>\n")
    assert finished.stderr.startswith("verify local:")


def test_traces_of_nothing(cloud: tuple[Path, LocalCloud]) -> None:
    """An empty list is a list; an unknown trace and a broken id are told apart."""
    listed = _run("traces", "--format", "json", "--filter", 'service("nobody")', folder=cloud[0])
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout) == {"traces": []}
    unknown = _run("traces", "--trace", "1-581cf771-a006649127e371903a2de979", folder=cloud[0])
    assert unknown.returncode == 2
    assert "X-Ray has no trace 1-581cf771" in unknown.stderr
    broken = _run("traces", "--trace", "1-2-3", folder=cloud[0])
    assert (broken.returncode, "no trace id" in broken.stderr) == (2, True)
