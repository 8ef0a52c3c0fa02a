"""A checkout with its local cloud, everything applied; commands run in this process, each as it is typed."""

from __future__ import annotations

import io
import json
import os
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from scripts import aws, command_line, interrupts, paths, secrets
from scripts.terragrunt import render
from tests.end_to_end.checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scripts.environment import Environment

NAME = "cruddur-local-backend-flask"
PATH = "/cruddur/local/backend-flask"
HEALTH = "cruddur-local-health"
_LOG_LINES = 60
_OF_RENDERING = ("AWS_ENDPOINT_URL", "AWS_REGION", "HONEYCOMB_API_ENDPOINT")


@dataclass(frozen=True)
class Report:
    """What a command told: its exit code, its checks by id, and what it wrote."""

    code: int
    checks: Mapping[str, Mapping[str, str]]
    stdout: str
    stderr: str

    @property
    def not_passed(self) -> list[str]:
        """The checks that failed or were skipped."""
        return [check_id for check_id, check in self.checks.items() if check["status"] != "pass"]

    def __str__(self) -> str:
        told = [f"  {check_id}: {self.checks[check_id]}" for check_id in self.not_passed]
        return "\n".join([f"exit code {self.code}", *told, self.stderr.strip()])


@dataclass
class World:
    """The checkout and its cloud.

    ``variables`` are what the operator has exported beside, ``options`` what they give to the command.
    """

    checkout: Checkout
    addresses: Mapping[str, str]
    variables: dict[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    environment: str = "local"
    _rendered: dict[object, Any] = field(default_factory=dict, repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)
    _former: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def config(self) -> Path:
        """The folder of the environments."""
        return self.checkout.root / "terraform" / "backend-app" / "config"

    @property
    def local(self) -> Path:
        """The folder of the local cloud's files."""
        return self.checkout.root / ".local"

    @property
    def key(self) -> str:
        """The local Honeycomb's own key."""
        return (self.local / "honeycomb-key").read_text().strip()

    def about(self, report: Report) -> str:
        """Return what helps where a test fails: the report, and the last lines of the cloud's log."""
        log = (self.local / "localcloud.log").read_text().splitlines()[-_LOG_LINES:]
        return "\n".join([str(report), *log])

    def client(self, service: str) -> Any:
        """Return a client of the local cloud, the administrator's; one for all that ask."""
        if service not in self._clients:
            session = boto3.Session("test", "test", region_name="us-east-1")
            make: Any = session.client
            self._clients[service] = make(service, endpoint_url=self.addresses["AWS_ENDPOINT_URL"])
        return self._clients[service]

    def run(self, command: str) -> Report:
        """Run ``python -m scripts <command>`` with the options in this process, with JSON for its report."""
        words = [command, "--env", self.environment, "--format", "json", *self.options]
        out, errors = io.StringIO(), io.StringIO()
        with self._around(), redirect_stdout(out), redirect_stderr(errors):
            code = command_line.run(words)
        return read(code, out.getvalue(), errors.getvalue())

    def units(self) -> dict[str, render.Unit]:
        """Return the tracing units as the configuration has them now."""
        from scripts import environment as environments
        from scripts.terragrunt import units

        with self._around():
            opened = environments.load("local")
            return render.render(opened, units.selected(opened, ""))

    @contextmanager
    def _around(self) -> Iterator[None]:
        """Lend this process the checkout's configuration and the operator's variables."""
        before = dict(os.environ)
        os.environ.update({paths.LOCAL_VARIABLE: str(self.local), **self.variables})
        seen = {"env": (self.local / "env").read_text(), **self.variables}
        # A client keeps the credentials and the endpoint that it was made with, and takes long to make.
        if seen != self._former:
            aws.clients.cache_clear()
        self._former = seen
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(paths, "CONFIG", self.config)
                patch.setattr(interrupts, "install", lambda: None)
                patch.setattr(render, "_terragrunt", self._terragrunt)
                yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            secrets._known.clear()

    def _terragrunt(self, environment: Environment, folder: Path, *options: str) -> Any:
        """Render as ever, but the same configuration only once."""
        files = sorted([*self.config.glob("*/*.hcl"), *self.config.glob("*/*/terragrunt.hcl")])
        texts = tuple(file.read_text() for file in files)
        given = tuple(environment.variables.get(name) for name in _OF_RENDERING)
        place = (environment.name, str(folder), options, texts, given)
        if place not in self._rendered:
            self._rendered[place] = _TERRAGRUNT(environment, folder, *options)
        return self._rendered[place]


_TERRAGRUNT = render._terragrunt


def read(code: int, stdout: str, stderr: str) -> Report:
    """Return what a command told. Fails where that is no document, or has a traceback in it."""
    assert "Traceback" not in stdout + stderr, stdout + stderr
    assert "unexpected " not in stderr, stderr
    checks: dict[str, Mapping[str, str]] = {}
    if stdout:
        document = json.loads(stdout)
        checks = {check["id"]: check for check in document["checks"]}
        assert len(checks) == len(document["checks"]), "an id stands there twice"
    return Report(code, checks, stdout, stderr)
