"""A run costs no more than it states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripts.conform.limits import (
    EVENTS_MAX,
    PAGE_OVERSHOOT_MAX,
    TRACES_RECORDED_MAX,
    TRACES_RETRIEVED_MAX,
    Budget,
    CappedError,
    statement,
)
from scripts.conform.xray_calls import XRayCalls
from tests.scripts.conform.standins import case, runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.conform.surroundings import Surroundings


@pytest.mark.parametrize(
    ("count", "most"),
    [(Budget.record, TRACES_RECORDED_MAX), (Budget.send, EVENTS_MAX)],
)
def test_what_is_stated_is_the_most(count: Callable[[Budget, int], None], most: int) -> None:
    """The last one within passes, the first one beyond is refused, before it is sent."""
    budget = Budget()
    count(budget, most)
    with pytest.raises(CappedError, match="more than"):
        count(budget, 1)
    assert (budget.recorded, budget.events) in [(most, 0), (0, most)]


def test_what_costs_nothing_is_never_refused() -> None:
    """With every event used up, a board can still be read and removed."""
    budget = Budget(events=EVENTS_MAX + 1)
    budget.send(0)


def test_the_statement_says_the_price_of_the_most() -> None:
    """200 recorded at 5 USD and 20,000 retrieved at 0.50 USD a million: 1.1 cents, and the last page's."""
    assert "(0.0110 USD; " in statement()
    assert f"{PAGE_OVERSHOOT_MAX:,} more, 0.0026 USD" in statement()
    assert Budget(TRACES_RECORDED_MAX, TRACES_RETRIEVED_MAX).usd() == pytest.approx(0.011)


class _Busy:
    """A busy account: each page of summaries scans as much as a run may, and has another behind it."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def get_trace_summaries(self, **_: Any) -> dict[str, Any]:
        self.called.append("summaries")
        return {"TraceSummaries": [], "TracesProcessedCount": TRACES_RETRIEVED_MAX, "NextToken": "x"}

    def create_group(self, **_: Any) -> dict[str, Any]:
        self.called.append("create")
        return {"Group": {}}

    def delete_group(self, **_: Any) -> dict[str, Any]:
        self.called.append("delete")
        return {}


def test_the_page_after_the_cap_is_not_asked_for_and_the_clean_up_is() -> None:
    """One page at most goes beyond; the case is `capped`, and what it made is removed."""
    budget = Budget()
    busy = _Busy()
    xray = XRayCalls("us-east-1", budget)
    xray._client = busy
    running, _ = runner(xray, budget=budget)

    def asks(on: Surroundings) -> None:
        on.remove_group(on.name())
        on.xray("CreateGroup", GroupName=on.name())
        on.summaries(0, 1)

    assert running.run(case(asks)).status == "capped"
    assert busy.called == ["create", "summaries", "delete"]
    assert running.take_left() == ()
