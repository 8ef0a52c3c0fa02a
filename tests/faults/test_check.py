"""What is wrong is found before anything is applied: in the configuration, and in a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.fault import Fault, differences
from tests.faults.planted import before_apply, in_plans

if TYPE_CHECKING:
    from tests.faults.hand import Hand
    from tests.faults.world import World


@pytest.mark.parametrize("fault", [*before_apply.FAULTS, *in_plans.FAULTS], ids=str)
def test_a_fault_is_found(fault: Fault, hand: Hand, world: World) -> None:
    """`make check` fails the checks that the fault names, says what is there and what to do."""
    fault.plant(hand)
    report = world.run("check")
    assert differences(fault, report) == [], str(report)
    assert in_plans.SECRET not in report.stdout + report.stderr
