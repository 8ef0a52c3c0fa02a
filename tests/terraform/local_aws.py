"""The local cloud's AWS port in this process, X-Ray included, and a stack that is applied there by itself."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from localcloud.aws.front import create_application
from localcloud.aws.state import AwsState
from localcloud.aws.xray.models import xray_backends
from localcloud.ports import HttpPort, bind
from scripts.terragrunt.provider import started
from tests.terraform.commands import APP, Finished, base_environment, run, stack_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

HOST = "127.0.0.1"
WAIT_SECONDS = 30
_PROVIDER = """\
provider "aws" {
  region      = "us-east-1"
  max_retries = 2
  default_tags {
    tags = { Project = "test" }
  }
}
"""


class LocalAws:
    """An AWS port on a free port; ``with`` starts and ends it."""

    def __init__(self) -> None:
        self.state = AwsState()
        self._ready, self._done = threading.Event(), threading.Event()
        self._listener = bind(HOST, 0, "--aws-port")
        self._port = HttpPort(self._listener, create_application(self.state))
        self.endpoint = f"http://{HOST}:{self._port.port}"
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._port.start()
        self._ready.set()
        await asyncio.to_thread(self._done.wait)
        await self._port.stop()

    def __enter__(self) -> LocalAws:
        self._thread.start()
        assert self._ready.wait(WAIT_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(WAIT_SECONDS)
        self._listener.close()
        assert not self._thread.is_alive()

    def reset(self) -> None:
        """Forget every resource and call, and switch authorisation off."""
        from moto.moto_api._internal.models import moto_api_backend

        moto_api_backend.reset()
        xray_backends.clear()
        self.state.authorise = False
        self.state.calls.clear()

    def client(self, service: str, **keys: str) -> Any:
        """Return a boto3 client for *service*, with the local cloud's own key unless *keys* has another."""
        given = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        make: Callable[..., Any] = boto3.client
        return make(service, endpoint_url=self.endpoint, **{**given, **keys})


@dataclass(frozen=True)
class Stack:
    """A copy of a stack as a root module, with its inputs."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    @contextmanager
    def at(cls, aws: LocalAws, name: str, target: Path) -> Iterator[Stack]:
        """Yield a copy of stack *name* in *target*, initialised, for *aws*.

        All of its runs have one provider process where there is an unpacked provider.
        """
        environment = base_environment() | {"AWS_ENDPOINT_URL": aws.endpoint}
        with started(environment) as provider:
            shared = provider.variables(stack_types()) if provider else {}
            yield cls._copy(name, target, environment | shared)

    @classmethod
    def _copy(cls, name: str, target: Path, environment: Mapping[str, str]) -> Stack:
        folder = target / name
        shutil.copytree(APP / "stacks" / name, folder, ignore=shutil.ignore_patterns(".terraform"))
        (folder / "provider.tf").write_text(_PROVIDER)
        done = run(["terraform", "init", "-no-color", "-input=false"], folder, environment)
        assert done.code == 0, done.text
        return cls(folder, environment)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace *old*, which must be there, by *new* in the copy's *file*."""
        text = (self.folder / file).read_text()
        assert old in text, f"{file} has no {old!r}"
        (self.folder / file).write_text(text.replace(old, new))

    def run(self, command: str, inputs: Mapping[str, Any], *arguments: str) -> Finished:
        """Run ``terraform <command>`` with these inputs."""
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(inputs))
        words = ["terraform", command, "-no-color", "-input=false", *arguments]
        return run(words, self.folder, self.environment)

    def succeed(self, command: str, inputs: Mapping[str, Any], *arguments: str) -> str:
        """Run it, which has to end with 0, and return what it said."""
        done = self.run(command, inputs, *arguments)
        assert done.code == 0, done.text
        return done.text
