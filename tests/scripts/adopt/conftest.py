"""A checkout of these tests' own with its local cloud running; each test begins with nothing made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.checkout import Checkout
from tests.scripts.adopt.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The checkout and its cloud."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("adopt") / "checkout")
    try:
        checkout.succeed("local-up")
        yield Place(checkout, checkout.addresses())
    finally:
        checkout.succeed("local-down")


@pytest.fixture
def place(ground: Place) -> Iterator[Place]:
    """The same, with nothing made, written or applied; env.hcl is as it was afterwards."""
    ground.reset()
    settings = ground.config / "env.hcl"
    before = settings.read_text()
    yield ground
    settings.write_text(before)
