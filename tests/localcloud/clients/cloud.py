"""The local cloud as a process, for clients that are processes too."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import psutil
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
STOP_SECONDS = 60
REGION = "us-east-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class RunningCloud:
    """Where it listens, and its process. No representation of it shows the key of its Honeycomb."""

    def __init__(self, addresses: dict[str, Any], honeycomb_key: str, pid: int) -> None:
        self.aws_url: str = addresses["aws_endpoint_url"]
        self.daemon_address: str = addresses["daemon_address"]
        self.honeycomb_url: str = addresses["honeycomb_api_endpoint"]
        self.honeycomb_key = honeycomb_key
        self._process = psutil.Process(pid)

    @property
    def aws_port(self) -> int:
        """The AWS endpoint's port."""
        port = urlsplit(self.aws_url).port
        assert port is not None
        return port

    def rss_bytes(self, *, with_children: bool = True) -> int:
        """The memory that the process has now, and those that it started."""
        processes = [self._process, *(self._process.children(recursive=True) if with_children else [])]
        found = 0
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):  # ended meanwhile
                found += int(process.memory_info().rss)
        return found

    def begin_peak(self) -> None:
        """Let the peak begin anew, from what the process has now (Linux)."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """The most memory that the process has had since, without those that it started (Linux)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def client(self, service: Any) -> Any:
        """Return a boto3 client that doesn't try again and leaves it to the service to check parameters."""
        return boto3.client(
            service,
            endpoint_url=self.aws_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """Return the variables with which a client finds this cloud and nothing of the user's."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            **KEYS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }


@contextmanager
def running_cloud(*options: str) -> Iterator[RunningCloud]:
    """Start the local cloud, wait until it listens, and have it end; no failure may be in its log."""
    with tempfile.TemporaryDirectory(prefix="localcloud-") as folder:
        log, key_file = Path(folder, "log"), Path(folder, "key")
        command = [sys.executable, "-m", "localcloud", "--honeycomb-key-file", str(key_file), *options]
        with log.open("w") as errors:
            child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert line, log.read_text()
            yield RunningCloud(json.loads(line), key_file.read_text().strip(), child.pid)
            assert child.poll() is None, log.read_text()
        finally:
            child.terminate()
            try:
                child.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                raise
        assert "Traceback" not in log.read_text(), log.read_text()[-4000:]
        assert child.returncode == 0
