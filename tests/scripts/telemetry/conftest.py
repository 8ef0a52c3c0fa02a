"""A local cloud of these tests' own: what it puts into the process's variables ends with its module."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from scripts import environment, local_setup, localcloud_process, paths, secrets
from tests.end_to_end.checkout import Checkout
from tests.scripts.telemetry.traced import Traced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.localcloud_process import LocalCloud


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, LocalCloud]]:
    """A running local cloud, and the folder of its files."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.LOCAL_VARIABLE, str(folder))
        running = localcloud_process.start(aws_port=0, daemon_port=0, honeycomb_port=0)
        try:
            local_setup.write_env(running)
            yield folder, running
        finally:
            localcloud_process.stop(running)


@pytest.fixture
def local(cloud: tuple[Path, LocalCloud]) -> Iterator[environment.Environment]:
    """The local environment on that cloud; what it puts into this process's variables is undone."""
    before = dict(os.environ)
    try:
        yield environment.load("local")
    finally:
        os.environ.clear()
        os.environ.update(before)
        secrets._known.clear()


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    """A checkout of its own with its local cloud running, and the state bucket made."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("traced") / "checkout")
    checkout.succeed("local-up")
    try:
        checkout.succeed("apply", "--unit", "logs")
        yield Traced.in_checkout(checkout)
    finally:
        checkout.succeed("local-down")
