"""A local cloud for the checks of effect alone, which fill and break it, and an environment for each test."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from scripts import aws, environment, local_setup, localcloud_process, paths
from scripts import secrets as known_secrets
from scripts.aws import Clients
from tests.scripts.rendered import units_on
from tests.scripts.verify.denied import user_without
from tests.scripts.verify.made import Made, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from scripts.localcloud_process import LocalCloud
    from scripts.terragrunt.render import Unit


@pytest.fixture(scope="session")
def verified_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, LocalCloud]]:
    """A running local cloud, and the folder of its files."""
    folder = tmp_path_factory.mktemp("verified")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.LOCAL_VARIABLE, str(folder))
        running = localcloud_process.start(aws_port=0, daemon_port=0, honeycomb_port=0)
        try:
            local_setup.write_env(running)
            yield folder, running
        finally:
            localcloud_process.stop(running)


@pytest.fixture(scope="session")
def rendered(verified_cloud: tuple[Path, LocalCloud]) -> dict[str, Unit]:
    """The local environment's units, rendered once."""
    return units_on(verified_cloud[1])


@pytest.fixture
def opened(
    verified_cloud: tuple[Path, LocalCloud], monkeypatch: pytest.MonkeyPatch
) -> Iterator[environment.Environment]:
    """The local environment on that cloud; what it puts into this process's variables is undone."""
    monkeypatch.setenv(paths.LOCAL_VARIABLE, str(verified_cloud[0]))
    before = dict(os.environ)
    aws.clients.cache_clear()
    try:
        yield environment.load("local")
    finally:
        os.environ.clear()
        os.environ.update(before)
        aws.clients.cache_clear()
        known_secrets._known.clear()


@pytest.fixture
def asked(
    opened: environment.Environment,
    rendered: dict[str, Unit],
    verified_cloud: tuple[Path, LocalCloud],
) -> Iterator[Made]:
    """An environment of the test's own that is asked for and not made."""
    key = (verified_cloud[0] / "honeycomb-key").read_text().strip()
    clients = Clients(opened.variables["AWS_REGION"])
    one = Made(named(rendered, f"made-{secrets.token_hex(4)}-backend"), clients, key)
    try:
        yield one
    finally:
        one.remove()


@pytest.fixture
def made(asked: Made) -> Made:
    """The same, and all of it made: verify passes everything."""
    asked.make()
    return asked


@pytest.fixture
def denying(opened: environment.Environment) -> Callable[[str], AbstractContextManager[Clients]]:
    """Have the local cloud authorise calls, and give the clients of a user who may do all but one action."""

    @contextmanager
    def enter(action: str) -> Iterator[Clients]:
        with user_without(action, opened.variables) as variables:
            before = dict(os.environ)
            os.environ.update(variables)
            # A command has one set of clients; these were made with other credentials.
            aws.clients.cache_clear()
            try:
                yield Clients(opened.variables["AWS_REGION"])
            finally:
                os.environ.clear()
                os.environ.update(before)
                aws.clients.cache_clear()

    return enter
