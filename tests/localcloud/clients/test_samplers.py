"""Samplers that aren't ours, each a process, follow the local cloud's rules through its daemon.

They are ADOT's (aws-opentelemetry-distro, in an environment of its own) and aws-xray-sdk's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.clients.adot import environment
from tools import lock_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.localcloud.clients.cloud import RunningCloud

FOLDER = Path(__file__).parent
SERVICE = "shop"
RESERVOIR = 5
DEADLINE_SECONDS = 90
BOOST = {"MaxRate": 1.0, "CooldownWindowMinutes": 10}
COUNTS = ("RequestCount", "SampledCount")


class SamplerProcess:
    """A client's sampler."""

    def __init__(self, command: list[str], environment: dict[str, str], errors: Path) -> None:
        self._errors = errors
        with errors.open("w") as log:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
            )

    def ask(self, path: str, requests: int) -> Any:
        """Have it decide requests; return how many it samples, and its quotas."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"path": path, "requests": requests}) + "\n")
        line = self._process.stdout.readline()
        assert line, self._errors.read_text()
        return json.loads(line)

    def has_rules(self) -> bool:
        """Tell whether it has read the rules."""
        return bool(self.ask("/nothing", 0)["quotas"])

    def quota(self, rule: str) -> int | None:
        """Return its quota of a rule, None before it has one."""
        quota: int | None = self.ask("/nothing", 0)["quotas"].get(rule)
        return quota

    def stop(self) -> str:
        """Have it end by itself and return what it said of errors."""
        self._process.communicate(timeout=DEADLINE_SECONDS)
        assert self._process.returncode == 0
        return self._errors.read_text()

    def kill(self) -> None:
        """End it in any case."""
        self._process.kill()
        self._process.communicate()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _rule(name: str, path: str, **members: Any) -> dict[str, Any]:
    fields = ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath")
    rule: dict[str, Any] = dict.fromkeys(fields, "*")
    rule |= {"RuleName": name, "Priority": 10, "FixedRate": 0.0, "ReservoirSize": 0, "Version": 1}
    return {**rule, "ServiceName": SERVICE, "URLPath": path, **members}


@pytest.fixture(scope="module")
def ruled(cloud: RunningCloud) -> RunningCloud:
    """The cloud with rules that always, never and sometimes sample."""
    xray = cloud.client("xray")
    for rule in (
        _rule("always", "/always*", FixedRate=1.0, SamplingRateBoost=BOOST),
        _rule("never", "/never"),
        _rule("shared", "/shared", ReservoirSize=RESERVOIR),
    ):
        xray.create_sampling_rule(SamplingRule=rule)
    xray.close()
    return cloud


@pytest.fixture
def adot(ruled: RunningCloud, tmp_path: Path) -> Iterator[SamplerProcess]:
    """ADOT's sampler."""
    command = [str(environment.python()), str(FOLDER / "adot" / "sampler.py")]
    arguments = [f"http://{ruled.daemon_address}", SERVICE]
    started = SamplerProcess([*command, *arguments], ruled.environment(tmp_path), tmp_path / "adot")
    yield started
    started.kill()


@pytest.fixture
def xray_sdk(ruled: RunningCloud, tmp_path: Path) -> Iterator[SamplerProcess]:
    """aws-xray-sdk's sampler."""
    command = [sys.executable, str(FOLDER / "xray_sdk_sampler.py"), ruled.daemon_address, SERVICE]
    started = SamplerProcess(command, ruled.environment(tmp_path), tmp_path / "xray-sdk")
    yield started
    started.kill()


def test_samplers_follow_rules_and_share_a_reservoir(
    ruled: RunningCloud, adot: SamplerProcess, xray_sdk: SamplerProcess
) -> None:
    """Both decide by the rules; after two reports each has its share of the reservoir, and all of it is out.

    What they report are the numbers that they decided.
    """
    samplers = (adot, xray_sdk)
    for sampler in samplers:
        _until(sampler.has_rules)
        assert sampler.ask("/always/all", 50)["sampled"] == 50
        assert sampler.ask("/never", 50)["sampled"] == 0
        assert sampler.ask("/shared", 50)["sampled"] <= 2

    def divided() -> bool:
        for sampler in samplers:
            sampler.ask("/shared", 1)
        quotas = [sampler.quota("shared") or 0 for sampler in samplers]
        assert max(quotas) <= RESERVOIR
        return sorted(quotas) == [2, 3]

    _until(divided)
    xray = ruled.client("xray")

    def reported() -> bool:
        windows = xray.get_sampling_statistic_summaries()["SamplingStatisticSummaries"]
        sums = {
            name: [sum(window[key] for window in windows if window["RuleName"] == name) for key in COUNTS]
            for name in ("always", "never")
        }
        return sums == {"always": [100, 100], "never": [100, 0]}

    _until(reported)
    xray.close()
    for sampler in samplers:
        errors = sampler.stop()
        assert "Traceback" not in errors
        assert "ERROR" not in errors.upper()


def test_adots_lock_names_no_address() -> None:
    """The lock of ADOT's environment has hashes throughout and no index in it."""
    assert list(lock_check.problems(environment.LOCK)) == []
