"""Fixtures: a copy of the infrastructure tree, one provider process for all tests that need one."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.terraform.cloud import Cloud
from tests.terraform.commands import Tree, base_environment
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_TIMEOUT_SECONDS = 60


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a copy of the infrastructure tree."""
    return Tree.copy(tmp_path)


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """Yield an AWS for all tests that need one."""
    with Cloud() as running:
        yield running


@pytest.fixture(scope="session")
def shared_provider(tmp_path_factory: pytest.TempPathFactory, cloud: Cloud) -> Iterator[dict[str, str]]:
    """Yield the variables that make Terraform use one provider process; none without an unpacked provider.

    The process reads endpoint and credentials from its own environment, not from Terraform's.
    """
    binary = locate.provider()
    if binary is None:
        yield {}
        return
    said = tmp_path_factory.mktemp("provider") / "stdout"
    with (
        said.open("wb") as output,
        subprocess.Popen(
            [str(binary), "-debug"],
            env=base_environment() | {"AWS_ENDPOINT_URL": cloud.endpoint},
            stdout=output,
            stderr=subprocess.DEVNULL,
        ) as child,
    ):
        try:
            yield {"TF_REATTACH_PROVIDERS": address(said, child)}
        finally:
            child.send_signal(signal.SIGINT)


def address(said: Path, child: subprocess.Popen[bytes]) -> str:
    """Return what the provider says once it listens."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        found = re.search(r"TF_REATTACH_PROVIDERS='(.*)'\n", said.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    pytest.fail(f"the provider did not start: {said.read_text()}")
