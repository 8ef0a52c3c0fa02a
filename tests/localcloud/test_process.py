"""`python -m localcloud` as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests

from localcloud.addresses import Addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


def _command(*options: str) -> list[str]:
    return [sys.executable, "-m", "localcloud", *options]


@contextmanager
def _running(*options: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """Start the local cloud, wait for its line, and have it end."""
    process = subprocess.Popen(
        _command(*options), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield process, json.loads(line)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def _refused(*options: str) -> str:
    """Run a start that must fail and return its only line on stderr."""
    done = subprocess.run(
        _command(*options), cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("localcloud: "))
    assert "Traceback" not in done.stderr
    return line


def _get(url: str) -> Any:
    return requests.get(url, timeout=10).json()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_its_addresses_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """One line on stdout and the same in the file, while it runs; every address answers; a signal ends it."""
    file = tmp_path / "addresses.json"
    with _running("--addresses", str(file)) as (process, addresses):
        assert json.loads(file.read_text()) == addresses
        assert addresses["pid"] == process.pid
        assert addresses.keys() == {"aws_endpoint_url", "daemon_address", "honeycomb_api_endpoint", "pid"}
        assert _get(f"{addresses['aws_endpoint_url']}/_localcloud/health") == {"status": "ok"}
        assert _get(f"{addresses['honeycomb_api_endpoint']}/_localcloud/health") == {"status": "ok"}
        host, port = addresses["daemon_address"].split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=START_SECONDS)
        assert process.returncode == 0
        assert stdout == ""
        assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []


def test_anothers_addresses_stay(tmp_path: Path) -> None:
    """What another process wrote into the addresses file stays; a file moved away is no error."""
    file = tmp_path / "addresses.json"
    addresses = Addresses("127.0.0.1", 1, 2, 3)
    addresses.write(file)
    file.write_text("{}\n")
    addresses.remove(file)
    assert file.read_text() == "{}\n"
    addresses.write(file)
    addresses.remove(file)
    assert not file.exists()
    addresses.remove(file)


def test_segments_over_udp_are_found_in_xray() -> None:
    """What the daemon takes on its UDP port is there to be read on the AWS port."""
    trace_id = "1-65538f80-0123456789abcdef01234567"
    document = {"trace_id": trace_id, "id": "0123456789abcdef", "name": "web", "start_time": 1, "end_time": 2}
    with _running() as (_, addresses):
        host, port = addresses["daemon_address"].split(":")
        packet = b'{"format":"json","version":1}\n' + json.dumps(document).encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(packet, (host, int(port)))
        xray = boto3.client(
            "xray",
            endpoint_url=addresses["aws_endpoint_url"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        deadline = time.monotonic() + START_SECONDS
        while not (traces := xray.batch_get_traces(TraceIds=[trace_id])["Traces"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert json.loads(traces[0]["Segments"][0]["Document"]) == document
        assert _get(f"{addresses['aws_endpoint_url']}/_localcloud/daemon")["received"] == 1
        xray.close()


def test_honeycomb_key_file(tmp_path: Path) -> None:
    """A key is made into a file that only its owner reads, kept at the next start, and never told."""
    file = tmp_path / "honeycomb-key"
    keys = []
    for _ in range(2):
        with _running("--honeycomb-key-file", str(file)) as (process, addresses):
            keys.append(file.read_text().strip())
            url = f"{addresses['honeycomb_api_endpoint']}/1/auth"
            assert requests.get(url, headers={"x-honeycomb-team": keys[0]}, timeout=10).status_code == 200
            process.terminate()
            assert keys[0] not in "".join(process.communicate(timeout=START_SECONDS))
    assert keys[0] == keys[1]
    assert re.fullmatch(r"hcaik_[a-z0-9]{58}", keys[0])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])  # noqa: S104
def test_other_hosts_are_refused(host: str) -> None:
    """Only loopback addresses are served."""
    assert "isn't a loopback address" in _refused("--host", host)


@pytest.mark.parametrize("option", ["--aws-port", "--honeycomb-port", "--daemon-port"])
def test_taken_ports_are_refused(option: str) -> None:
    """A port in use is one line that names it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        line = _refused(option, number)
    assert number in line
    assert option in line


def test_unusable_files_are_refused(tmp_path: Path) -> None:
    """An addresses file or key file that can't be used is one line that names it."""
    missing = tmp_path / "missing" / "file"
    assert str(missing) in _refused("--addresses", str(missing))
    assert str(missing) in _refused("--honeycomb-key-file", str(missing))
    empty = tmp_path / "empty"
    empty.touch()
    assert str(empty) in _refused("--honeycomb-key-file", str(empty))


def test_ipv6_loopback() -> None:
    """::1 is served too, written in brackets."""
    if not _has_ipv6_loopback():
        pytest.skip("this machine has no ::1")
    with _running("--host", "::1") as (_, addresses):
        assert addresses["aws_endpoint_url"].startswith("http://[::1]:")
        assert addresses["daemon_address"].startswith("[::1]:")
        assert _get(f"{addresses['aws_endpoint_url']}/_localcloud/health") == {"status": "ok"}


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_awscli_works_without_our_scripts(tmp_path: Path) -> None:
    """`aws --endpoint-url` makes and reads groups, rules and parameters."""
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "HOME": str(tmp_path),
    }
    with _running("--authorise") as (_, addresses):

        def aws(*arguments: str) -> Any:
            command = [sys.executable, "-m", "awscli", "--endpoint-url", addresses["aws_endpoint_url"]]
            done = subprocess.run(
                [*command, *arguments], env=environment, capture_output=True, text=True, check=True
            )
            return json.loads(done.stdout) if done.stdout.strip() else None

        made = aws("xray", "create-group", "--group-name", "cli", "--filter-expression", "fault")
        assert aws("xray", "get-group", "--group-name", "cli") == made
        aws("ssm", "put-parameter", "--name", "/cli/key", "--value", "v", "--type", "SecureString")
        listed = aws("ssm", "get-parameters-by-path", "--path", "/cli", "--with-decryption")
        assert [parameter["Value"] for parameter in listed["Parameters"]] == ["v"]
