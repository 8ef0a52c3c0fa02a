"""Building the image and pushing it, by the docker command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import secrets
from scripts.errors import InterruptedRunError, OperatorError
from scripts.image import contents
from scripts.terragrunt import process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.deploy.registry import Login
    from scripts.output import Output

PLATFORM = "linux/amd64"
ASK_TIMEOUT_SECONDS = 30
_REMEDY = "start Docker, have CI build and push it, or name an image that is there with IMAGE=<reference>"


def require_engine() -> None:
    """Raise OperatorError where there is no docker command, or no engine that it reaches."""
    if shutil.which("docker") is None:
        raise OperatorError("the image has to be built, and there is no docker command", remedy=_REMEDY)
    _ask("version", "--format", "{{.Server.Version}}", problem="the image has to be built, and docker can't")


def build(reference: str, output: Output) -> None:
    """Build the checkout's image as *reference*, from its files alone. Raises OperatorError."""
    with tempfile.TemporaryDirectory() as folder:
        contents.write_context(Path(folder))
        command = ["docker", "build", "--platform", PLATFORM, "--tag", reference, "."]
        _run(command, output, os.environ, "build", Path(folder))


def push(reference: str, login: Login, output: Output) -> None:
    """Push *reference*. Raises OperatorError where that fails.

    The password goes in by standard input, and into a configuration of its own that is gone afterwards.
    """
    secrets.remember(login.password)
    host = _ask(
        "context", "inspect", "--format", "{{.Endpoints.docker.Host}}", problem="docker has no context"
    )
    with tempfile.TemporaryDirectory() as folder:
        # With nothing of a registry in it, docker's CLI takes the system's store, where the password stays.
        Path(folder, "config.json").write_text(json.dumps({"auths": {login.server: {}}}))
        # The configuration that is left out would name the context; who names the host goes before both.
        variables = {"DOCKER_HOST": host, **os.environ, "DOCKER_CONFIG": folder}
        _log_in(login, variables)
        _run(["docker", "push", reference], output, variables, "push", Path(folder))


def _log_in(login: Login, variables: Mapping[str, str]) -> None:
    _ask(
        *("login", "--username", login.user, "--password-stdin", login.server),
        problem=f"docker can't log in to {login.server}",
        remedy="look at the network and the right ecr:GetAuthorizationToken",
        variables=variables,
        given=login.password,
    )


def _ask(
    *words: str,
    problem: str,
    remedy: str = _REMEDY,
    variables: Mapping[str, str] | None = None,
    given: str = "",
) -> str:
    """Return what docker answers to *words* with *given* as its input. Raises OperatorError."""
    try:
        finished = subprocess.run(
            ["docker", *words],
            env=None if variables is None else dict(variables),
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASK_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OperatorError(f"{problem} (no answer in {ASK_TIMEOUT_SECONDS} s)", remedy=remedy) from error
    if finished.returncode != 0:
        raise OperatorError(f"{problem} ({_last(finished.stderr)})", remedy=remedy)
    return finished.stdout.strip()


def _run(
    command: Sequence[str], output: Output, variables: Mapping[str, str], what: str, folder: Path
) -> None:
    last = ["docker said nothing"]

    def on_line(line: str) -> None:
        if line.strip():
            last[0] = line.strip()
            output.say(f"[{what}] {line}")

    with output.step(f"docker {what}"):
        finished = process.run(command, environment=variables, on_line=on_line, folder=folder)
    if finished.interrupted:
        raise InterruptedRunError(f"docker {what} was interrupted", remedy="run the command again")
    if finished.code != 0:
        raise OperatorError(
            f"docker {what} failed: {last[0]}", remedy="see the lines above, then run it again"
        )


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "docker said nothing"
