"""An environment that lacks a unit, a log that answers oddly: a check says so, the report is whole."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from scripts.verify import expected
from scripts.verify.check import Status
from scripts.verify.loaded import run as three_ways
from scripts.verify.loaded.options import Request
from scripts.verify.probe import run as probing

if TYPE_CHECKING:
    import pytest

    from scripts.aws import Clients
    from scripts.verify.probe.run import Surroundings

UNIT: Any = SimpleNamespace(target=SimpleNamespace(parameter_path="/cruddur/dev/backend-flask"))
LOG = Request(None, 2, 60)


def hear(*units: str) -> three_ways.ThreeWays:
    """Return the three ways by the log, of an environment with *units*."""
    return three_ways.run("dev", dict.fromkeys(units, UNIT), cast("Clients", SimpleNamespace()), LOG)


def test_no_log_group_is_asked_for() -> None:
    """The unit that is missing is named, and the other checks are skipped."""
    results = {result.id: result for result in hear("xray").results}
    assert results["loaded.workers"].status is Status.FAIL
    assert "no unit logs" in results["loaded.workers"].actual
    assert {result.status for name, result in results.items() if name != "loaded.workers"} == {Status.SKIP}


def test_events_without_their_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that CloudWatch Logs doesn't give fails the check of the workers."""
    pages = [{"events": [{"message": "{}"}]}]
    paginator = SimpleNamespace(paginate=lambda **_: pages)
    logs = SimpleNamespace(get_paginator=lambda _: paginator)
    clients = cast("Clients", SimpleNamespace(logs=lambda: logs))
    monkeypatch.setattr(expected, "log_group", lambda _: SimpleNamespace(name="group"))
    told = three_ways.run("dev", {"logs": UNIT}, clients, LOG).results[-1]
    assert (told.id, told.status) == ("loaded.workers", Status.FAIL)
    assert "KeyError: 'timestamp'" in told.actual


def test_no_key_to_sign_a_probe_with() -> None:
    """Nothing is sent where the environment has no unit for the key, or for Honeycomb's parameters."""
    around: Any = SimpleNamespace(units={"xray": UNIT}, output=SimpleNamespace(say=lambda _: None))
    first, *others = probing.run(cast("Surroundings", around), "http://127.0.0.1:1")
    assert first.status is Status.FAIL
    assert "no unit honeycomb-key and no unit honeycomb" in first.actual
    assert {result.status for result in others} == {Status.SKIP}
