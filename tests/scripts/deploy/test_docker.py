"""Building and pushing, with a command in docker's place that writes down what it is asked."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from scripts.deploy import docker, images, registry
from scripts.deploy.preparing import Work
from scripts.deploy.registry import Login
from scripts.environment import Environment
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.preflight import Caller
from scripts.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names

PASSWORD = "pass" + "word-of-twelve-hours"
LOGIN = Login("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "AWS", PASSWORD)
REFERENCE = f"{LOGIN.server}/backend:99ab"


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that each call is written to; a file `fail-<word>` beside it makes that word fail."""
    program = tmp_path / "docker"
    program.write_text(
        "#!/bin/sh\n"
        f'printf "%s\\n" "$*" >> {tmp_path}/calls\n'
        f'if [ "$1" = login ]; then cat > {tmp_path}/input; echo "$DOCKER_CONFIG" > {tmp_path}/folder; fi\n'
        f'if [ "$1" = login ]; then cp "$DOCKER_CONFIG/config.json" {tmp_path}; fi\n'
        f'if [ "$1" = build ]; then ls -A > {tmp_path}/context; fi\n'
        'if [ "$1" = context ]; then echo unix:///run/docker.sock; fi\n'
        f'if [ -e {tmp_path}/fail-$1 ]; then echo "denied: $1" >&2; exit 1; fi\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "calls"


def test_the_password_goes_in_by_standard_input(calls: Path, tmp_path: Path) -> None:
    """It is in no argument, and the configuration that docker keeps it in is gone afterwards.

    That one names the registry: docker would else keep it in the system's store, where there is one.
    """
    docker.push(REFERENCE, LOGIN, Output())
    assert (tmp_path / "input").read_text() == PASSWORD
    assert PASSWORD not in calls.read_text()
    assert f"login --username AWS --password-stdin {LOGIN.server}" in calls.read_text()
    assert calls.read_text().splitlines()[-1] == f"push {REFERENCE}"
    assert not os.path.exists((tmp_path / "folder").read_text().strip())  # noqa: PTH110
    assert PASSWORD not in repr(LOGIN)
    assert json.loads((tmp_path / "config.json").read_text()) == {"auths": {LOGIN.server: {}}}


def test_the_image_is_built_from_its_files_alone(calls: Path, tmp_path: Path) -> None:
    """The context has what the Dockerfile copies, and nothing else of the checkout."""
    docker.build(REFERENCE, Output())
    assert (tmp_path / "context").read_text().split() == ["Dockerfile", "backend-flask", "xray"]
    assert calls.read_text() == f"build --platform linux/amd64 --tag {REFERENCE} .\n"


@pytest.mark.parametrize("word", ["login", "push"])
def test_what_docker_says_is_the_reason(
    calls: Path, tmp_path: Path, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last line, without the password."""
    (tmp_path / f"fail-{word}").touch()
    with pytest.raises(OperatorError, match=f"denied: {word}"):
        docker.push(REFERENCE, LOGIN, Output())
    assert PASSWORD not in capsys.readouterr().out


def test_without_an_engine_there_is_a_way_out(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No engine, or no docker at all: said before anything is changed, with what to do instead."""
    (tmp_path / "fail-version").touch()
    with pytest.raises(OperatorError, match=r"docker can't .*denied: version.*IMAGE=<reference>"):
        docker.require_engine()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(OperatorError, match=r"there is no docker command.*IMAGE=<reference>"):
        docker.require_engine()


def test_a_push_that_somebody_else_won_is_none_that_failed(
    calls: Path, tmp_path: Path, local: Environment, names: Names, aws: Aws
) -> None:
    """Tags are immutable: an image under this one, of the same contents, is what was to be brought there."""
    (tmp_path / "fail-push").touch()
    aws.ecr.create_repository(repositoryName=names.repository, imageTagMutability="IMMUTABLE")
    there = registry.repository(aws, names, local=True)
    caller = Caller(names.account_id, "arn:aws:iam::123456789012:root", names.region)
    work = Work(Session(Environment("dev", local.variables), {}, caller, Output()), names, aws, None)
    with pytest.raises(OperatorError, match="denied: push"):
        images.make(work, str(there), "0123456789abcdef")
    registry.put_manifest(aws, names, "0123456789abcdef")
    images.make(work, str(there), "0123456789abcdef")
    assert calls.read_text().count(f"push {there}:0123456789abcdef") == 2
