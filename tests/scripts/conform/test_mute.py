"""No case holds against a service that says nothing, but for those that are named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripts.conform import surroundings
from scripts.conform.cases import all_cases
from tests.scripts.conform.standins import MuteHoneycomb, MuteXRay, runner

if TYPE_CHECKING:
    from collections.abc import Iterable

MAY_HOLD: set[str] = set()


def _held(service: str, xray: Any, honeycomb: Any = None) -> set[str]:
    running, _ = runner(xray, honeycomb)
    cases: Iterable[Any] = (case for case in all_cases() if case.service == service)
    return {case.id for case in cases if running.run(case).status == "holds"}


@pytest.mark.parametrize(
    "xray",
    [
        MuteXRay(takes=True, refuses=False),
        MuteXRay(takes=False, refuses=True),
        MuteXRay(takes=True, refuses=True),
        MuteXRay(takes=True, refuses=True, shows=True),
    ],
    ids=["takes everything", "refuses everything", "takes and refuses", "shows what it took"],
)
def test_a_mute_x_ray_confirms_nothing(xray: MuteXRay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty results, and refusals in one word, hold no claim."""
    monkeypatch.setattr(surroundings, "FIRST_PAUSE_SECONDS", 0.0)
    assert _held("xray", xray) <= MAY_HOLD


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (200, {}),
        (200, []),
        (200, {"id": "x", "complete": True, "data": {"results": []}}),
        (201, {"id": "x"}),
        (202, None),
        (400, {"error": "no"}),
        (401, {"error": "no"}),
        (404, {"error": "no"}),
        (415, {"error": "no"}),
        (422, {"error": "no"}),
    ],
)
def test_a_mute_honeycomb_confirms_nothing(status: int, document: Any) -> None:
    """One answer to everything holds no claim."""
    assert _held("honeycomb", MuteXRay(takes=True, refuses=True), MuteHoneycomb(status, document)) <= MAY_HOLD
