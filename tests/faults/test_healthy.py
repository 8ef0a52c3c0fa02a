"""Where nothing is wrong, nothing is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.planted.healthy import SET_UPS, SetUp

if TYPE_CHECKING:
    from tests.faults.hand import Hand
    from tests.faults.world import World


@pytest.mark.parametrize("set_up", SET_UPS, ids=str)
def test_nothing_is_found(set_up: SetUp, hand: Hand, world: World) -> None:
    """`make verify` and `make check` pass all that they look at."""
    set_up.make(hand)
    for command in ("verify", "check"):
        report = world.run(command)
        assert (report.code, report.not_passed) == (0, []), world.about(report)
        assert report.checks
