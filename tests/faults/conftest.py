"""A local cloud of these tests' own with everything applied; each fault is undone before the next one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.checkout import Checkout
from tests.faults.hand import Hand
from tests.faults.keeping import Kept
from tests.faults.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A cloud that no backend has ever sent anything to, with every tracing unit applied by Terraform."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("faults") / "checkout")
    checkout.succeed("local-up")
    try:
        checkout.succeed("apply")
        yield World(checkout, checkout.addresses())
    finally:
        checkout.succeed("local-down")


@pytest.fixture(scope="session")
def kept(world: World) -> Kept:
    """What the cloud held at first."""
    return Kept(world.client)


@pytest.fixture
def hand(world: World, kept: Kept) -> Iterator[Hand]:
    """Somebody's hand; what it does is undone."""
    with ExitStack() as undoing:
        undoing.callback(kept.put_back)
        yield Hand(world, undoing)
