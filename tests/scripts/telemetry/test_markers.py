"""A deployment's marker, at the local Honeycomb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from scripts import secrets
from scripts.honeycomb import markers
from scripts.output import Output
from scripts.preflight import Caller
from scripts.session import Session
from scripts.telemetry import current
from scripts.telemetry.recording import Recording
from tests.scripts.rendered import local_units

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.environment import Environment
    from scripts.localcloud_process import LocalCloud


@pytest.fixture
def session(local: Environment) -> Session:
    """A session of the local environment."""
    caller = Caller("123456789012", "arn:aws:iam::123456789012:root", "us-east-1")
    return Session(local, local_units(local.variables), caller, Output())


def stored(cloud: LocalCloud, folder: Path) -> list[dict[str, Any]]:
    """Return the local Honeycomb's markers."""
    key = (folder / "honeycomb-key").read_text().strip()
    address = f"{cloud.honeycomb_api_endpoint}/1/markers/__all__"
    found: list[dict[str, Any]] = requests.get(address, headers={"X-Honeycomb-Team": key}, timeout=10).json()
    return found


def test_a_deployment_is_marked(session: Session, cloud: tuple[Path, LocalCloud]) -> None:
    """From its start to its end, with its image, its environment and its trace's address."""
    recording = Recording("deploy")
    with current.recorded(recording):
        recording.note_session(session, "apply")
        assert markers.create(session, image="99abe05e63a8276d", started=1000.7, ended=1060.2)
    [marker] = [one for one in stored(cloud[1], cloud[0]) if one["start_time"] == 1000]
    assert (marker["type"], marker["message"]) == ("deploy", "local: 99abe05e63a8276d")
    assert marker["end_time"] == 1060
    assert marker["url"].endswith(f"/_localcloud/traces/{recording.trace_id:032x}")


def test_without_a_trace_there_is_no_address(session: Session) -> None:
    """A wrong link is worse than none; a deployment that went back says so."""
    made = markers.document(session, "x", 5, 4, good=False)
    assert "url" not in made
    assert (made["message"], made["end_time"]) == ("local: x, which did not become steady", 5)


def test_a_key_that_only_sends_is_told(
    session: Session, cloud: tuple[Path, LocalCloud], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the permission; the deployment goes on."""
    document = {"type": "ingest"}
    answer = requests.post(f"{cloud[1].honeycomb_api_endpoint}/_localcloud/keys", json=document, timeout=10)
    assert answer.ok, answer.text
    key = answer.json()["key"]
    secrets.withdraw({"HONEYCOMB_API_KEY": key})
    try:
        assert not markers.create(session, image="x", started=1.0, ended=2.0)
    finally:
        secrets.withdraw({})
    said = capsys.readouterr().out
    assert said.startswith("no marker in Honeycomb: the key lacks the permission Manage Markers")
    assert key not in said


def test_a_key_of_another_environment_marks_nothing(
    session: Session,
    cloud: tuple[Path, LocalCloud],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A line across another environment's graphs would be wrong there."""
    monkeypatch.setitem(session.any_unit.target.settings, "honeycomb_environment", "prod")
    assert not markers.create(session, image="x", started=7000.0, ended=7001.0)
    said = capsys.readouterr().out
    assert "no marker in Honeycomb: the key is of Honeycomb's environment 'local'" in said
    assert not [one for one in stored(cloud[1], cloud[0]) if one["start_time"] == 7000]


def test_a_honeycomb_that_is_away_is_told(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a line, and no failure."""
    monkeypatch.setitem(session.any_unit.target.settings, "honeycomb_endpoint", "http://127.0.0.1:9")
    assert not markers.create(session, image="x", started=1.0, ended=2.0)
    assert "no marker in Honeycomb: http://127.0.0.1:9 can't be reached" in capsys.readouterr().out
