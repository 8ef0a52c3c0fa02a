"""Terraform and Terragrunt as these tests run them: real programs, on a copy of the tree."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.terragrunt.needed_types import configuration
from scripts.terragrunt.provider_schema import named_in
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).resolve().parents[2]
APP = REPOSITORY / "terraform" / "backend-app"
STACKS = ("xray", "honeycomb", "honeycomb-key", "logs", "access", "network", "registry", "service", "alarms")
ENVIRONMENTS = ("local", "dev", "prod")
TIMEOUT_SECONDS = 600
"""For a run on a busy machine; the provider alone waits a minute for a load balancer."""


@dataclass(frozen=True)
class Finished:
    """What a program left: exit code, and everything it wrote."""

    code: int
    output: str
    errors: str

    @property
    def text(self) -> str:
        """Both streams with every run of white space as one blank: messages are wrapped."""
        return " ".join((self.output + " " + self.errors).split())


def base_environment() -> dict[str, str]:
    """Return variables with which both programs find their tools, and an endpoint that is down."""
    terraform, terragrunt = locate.terraform(), locate.terragrunt()
    return {
        "HOME": os.environ.get("HOME", "/"),
        "PATH": f"{terragrunt.parent}:{terraform.parent}:{os.environ['PATH']}",
        "TF_CLI_CONFIG_FILE": str(locate.cli_config()),
        "TF_IN_AUTOMATION": "1",
        "GOGC": "400",  # the provider's schema makes a short run mostly garbage collection
        "TG_NO_COLOR": "true",
        "TG_NON_INTERACTIVE": "true",
        "TG_TF_FORWARD_STDOUT": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HONEYCOMB_API_ENDPOINT": "http://127.0.0.1:9",
    }


@cache
def stack_types() -> frozenset[str]:
    """Return the AWS types that the stacks name: what Terraform needs of a shared provider's schema."""
    texts = configuration(APP)
    assert texts is not None, "a stack takes a module from elsewhere"
    return frozenset().union(*map(named_in, texts))


def run(
    command: list[str], folder: Path, environment: Mapping[str, str], timeout: float = TIMEOUT_SECONDS
) -> Finished:
    """Run *command* in *folder* and wait for its end, *timeout* seconds at most.

    Where it takes longer, or the wait is interrupted, all that it has started is killed with it: nothing
    writes to the folder or the cloud any more. Raises AssertionError with what it said where it took longer.
    """
    running = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with running:
        try:
            output, errors = running.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _kill(running)
            said = Finished(-signal.SIGKILL, *running.communicate()).text
            raise AssertionError(f"{command} had not ended after {timeout} s; it said: {said}") from None
        except BaseException:
            _kill(running)
            raise
    return Finished(running.returncode, output, errors)


def _kill(running: subprocess.Popen[str]) -> None:
    """Kill a process and its group; nothing happens where it has ended."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Tree:
    """A copy of the root configuration, the stacks and the units, to be changed and run."""

    root: Path
    environment: dict[str, str] = field(default_factory=base_environment)

    @classmethod
    def copy(cls, target: Path) -> Tree:
        """Copy what is committed to *target*, without what runs have left."""
        ignore = shutil.ignore_patterns(".terragrunt-cache", ".terraform")
        shutil.copytree(REPOSITORY / "terraform", target / "terraform", ignore=ignore)
        shutil.copy(REPOSITORY / "terragrunt.hcl", target)
        return cls(target)

    @property
    def config(self) -> Path:
        """The folder of the environments."""
        return self.root / "terraform" / "backend-app" / "config"

    def with_variables(self, **variables: str | None) -> Tree:
        """Return the same tree with other environment variables; None takes one away."""
        merged = {**self.environment, **variables}
        return replace(self, environment={name: value for name, value in merged.items() if value is not None})

    def edit(self, path: str, old: str, new: str) -> Tree:
        """Replace *old*, which must be there, by *new* in the file *path* below the root."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new))
        return self

    def set(self, environment: str, settings: str) -> Tree:
        """Replace the settings of *environment* by *settings*, the lines of its locals block."""
        (self.config / environment / "env.hcl").write_text(f"locals {{\n{settings}\n}}\n")
        return self

    def terragrunt(self, folder: str, *arguments: str) -> Finished:
        """Run Terragrunt in *folder* below config/."""
        return run(["terragrunt", *arguments], self.config / folder, self.environment)

    def render(self, unit: str) -> dict[str, Any]:
        """Return the unit *unit* (``local/xray``) as Terragrunt evaluates it."""
        done = self.terragrunt(unit, "render", "--json")
        assert done.code == 0, done.errors
        rendered: dict[str, Any] = json.loads(done.output)
        return rendered
