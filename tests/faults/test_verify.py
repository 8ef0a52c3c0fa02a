"""Each planted fault is found by the check that should, with its remedy, and by no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.fault import Fault, differences
from tests.faults.planted import calls, group, keys, resources, rules, senders, surroundings

if TYPE_CHECKING:
    from tests.faults.hand import Hand
    from tests.faults.world import World

FAULTS = tuple(
    fault
    for module in (surroundings, group, rules, resources, keys, calls, senders)
    for fault in module.FAULTS
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found(fault: Fault, hand: Hand, world: World) -> None:
    """`make verify` fails the checks that the fault names, says what is there and what to do."""
    fault.plant(hand)
    report = world.run("verify")
    assert differences(fault, report) == [], world.about(report)
    assert world.key not in report.stdout + report.stderr
