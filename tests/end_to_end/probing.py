"""A probe's checks for one stage, in this process: its own resources, and another address or patience."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from localcloud.daemon import create_daemon
from scripts import secrets
from scripts.aws import Clients
from scripts.environment import Environment
from scripts.output import Output
from scripts.terragrunt.render import Target, Unit
from scripts.verify.probe import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.verify.check import Result
    from tests.end_to_end.backend import Stage

SECONDS = 25.0
"""For what arrives; a test of what doesn't has less patience."""
CALLER = "arn:aws:iam::123456789012:user/test"
DAEMON_SECONDS = 20


@dataclass
class Prober:
    """Sends probes for the environment of a stage, as an operator with *variables* would."""

    stage: Stage
    variables: Mapping[str, str] = field(default_factory=dict)

    def probe(self, address: str, *, seconds: float = SECONDS, key: str = "") -> dict[str, Result]:
        """Return the three checks by id; *key* is what HONEYCOMB_API_KEY holds."""
        with _environment(self._aws(), key):
            surroundings = run.Surroundings(
                Environment("local", dict(os.environ)), self._units(), Clients("us-east-1"), Output(), CALLER
            )
            results = run.run(surroundings, address, seconds=seconds)
        assert self.stage.key not in repr(results)
        return {result.id: result for result in results}

    def _aws(self) -> dict[str, str]:
        names = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        return {**{name: self.stage.addresses[name] for name in names}, **self.variables}

    def _units(self) -> dict[str, Unit]:
        inputs: dict[str, dict[str, Any]] = {
            "honeycomb": {
                "endpoint": self.stage.honeycomb,
                "dataset": self.stage.name,
                "xray_group_name": self.stage.name,
                "xray_sampling_rule_name": self.stage.name,
            },
            "honeycomb-key": {"key_version": 1, "kms_key_id": None},
        }
        target = Target("us-east-1", "123456789012", self.stage.path, "env.hcl")
        return {
            name: Unit(name, {"parameter_path": self.stage.path, **own}, "", "", "", "", target)
            for name, own in inputs.items()
        }


@contextmanager
def _environment(variables: Mapping[str, str], key: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    secrets.withdraw({secrets.KEY_VARIABLE: key})
    try:
        yield
    finally:
        secrets.withdraw({})
        secrets._known.clear()
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def honeycomb_fault(honeycomb: str, **fault: Any) -> Iterator[None]:
    """Switch a fault of the local Honeycomb on."""
    url = f"{honeycomb}/_localcloud/faults"
    requests.put(url, json=fault, timeout=10).raise_for_status()
    try:
        yield
    finally:
        requests.delete(url, timeout=10).raise_for_status()


@contextmanager
def honeycomb_key(honeycomb: str, *permissions: str, environment: str = "local", kind: str) -> Iterator[str]:
    """Have a key made, and removed again."""
    url = f"{honeycomb}/_localcloud/keys"
    asked = {"type": kind, "permissions": list(permissions), "environment": environment}
    made = requests.post(url, json=asked, timeout=10).json()
    try:
        yield made["key"]
    finally:
        requests.delete(f"{url}/{made['id']}", timeout=10).raise_for_status()


@contextmanager
def daemon_of(endpoint: str, access_key: str, secret_key: str) -> Iterator[str]:
    """Run a daemon that signs with these credentials; yields its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    daemon = create_daemon(
        host="127.0.0.1",
        port=0,
        aws_endpoint_url=endpoint,
        access_key=access_key,
        secret_key=secret_key,
        flush_interval=0.05,
    )
    asyncio.run_coroutine_threadsafe(daemon.start(), loop).result(DAEMON_SECONDS)
    try:
        yield f"127.0.0.1:{daemon.port}"
    finally:
        asyncio.run_coroutine_threadsafe(daemon.stop(), loop).result(DAEMON_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
