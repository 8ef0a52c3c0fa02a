"""A run tells and keeps each case as it comes, and what is left whatever ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripts.conform import recordings
from scripts.conform.asking import Asking
from scripts.conform.case import Case
from scripts.conform.endpoints import Endpoints
from scripts.conform.limits import Budget
from scripts.conform.redaction import Redactor
from scripts.conform.surroundings import Surroundings
from scripts.output import Output
from tests.scripts.conform.standins import MuteXRay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """A run on what counts as a real account, of which one name is known."""
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    xray: Any = MuteXRay(takes=True, refuses=True)
    surroundings = Surroundings(xray, None, Budget(), patience_seconds=0.0)
    endpoints = Endpoints(surroundings, xray, None, {"acme-corp": "TEAM"})
    return Asking(endpoints, Output(), is_local=False)


def _case(name: str, run: Callable[[Surroundings], None]) -> Case:
    return Case(f"xray.{name}", "xray", "a claim", False, run)


def test_each_recording_is_written_as_it_comes(asking: Asking, tmp_path: Path) -> None:
    """A run that is interrupted later keeps what was confirmed before."""

    def interrupted(_: Surroundings) -> None:
        assert [file.stem for file in tmp_path.iterdir()] == ["xray.first"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asking.ask([_case("first", lambda _: None), _case("second", interrupted)])
    assert [file.name for file in tmp_path.iterdir()] == ["xray.first.json"]


def test_what_an_interrupted_case_leaves_is_named(asking: Asking, capsys: pytest.CaptureFixture[str]) -> None:
    """Also what goes only at the run's end is tried, and told."""

    def stuck() -> None:
        raise OSError("no way")

    def interrupted(on: Surroundings) -> None:
        on.case_brooms.add("group conform-x", stuck)
        on.run_brooms.add("data sets conform-y*", stuck)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asking.ask([_case("first", interrupted)])
    said = capsys.readouterr().out
    assert "left behind: group conform-x (no way); remove it by hand" in said
    assert "left behind: data sets conform-y* (no way); remove it by hand" in said
    assert not asking.clean


def test_a_recording_that_is_not_safe_is_told_and_the_run_is_not_clean(
    asking: Asking, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the redactor overlooks, the last look finds: no file, one line, exit code 1."""
    monkeypatch.setattr(Redactor, "redact", lambda _, value: value)
    asking.ask([_case("first", lambda on: on.observe("user", "alice@acme.example"))])
    assert list(tmp_path.iterdir()) == []
    assert "the recording of xray.first is not kept: it holds an e-mail address" in capsys.readouterr().out
    assert not asking.clean
