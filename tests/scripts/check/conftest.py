"""The local environment's units, rendered once, without a local cloud."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from scripts import secrets
from scripts.check.surroundings import STAND_INS
from tests.scripts.rendered import local_units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.terragrunt.render import Unit


@pytest.fixture(scope="session")
def units() -> Mapping[str, Unit]:
    """The tracing units as they are in the repository."""
    return local_units({**os.environ, **STAND_INS})


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test's plan showed is not kept from other tests' output."""
    yield
    secrets._known.clear()
