"""A GitHub of each test's own, and nothing of a runner's that these tests may run on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from scripts import secrets
from scripts.github import settings
from scripts.github.client import Client
from tests.scripts.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out what GitHub's own runner has set."""
    for name in list(os.environ):
        if name.startswith("GITHUB_"):
            monkeypatch.delenv(name)


@pytest.fixture
def github() -> Iterator[GitHub]:
    """A repository without issues and comments."""
    with serving() as there:
        yield there
    secrets._known.clear()


@pytest.fixture
def waited() -> list[float]:
    """The seconds of each wait."""
    return []


@pytest.fixture
def client(github: GitHub, waited: list[float]) -> Client:
    """A client that notes its waits instead of waiting."""
    return Client(settings.read(github.variables), sleep=waited.append)
