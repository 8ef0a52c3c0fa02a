"""``python -m scripts forecast`` as make runs it, against a local cloud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from scripts.aws import Clients
from scripts.forecast import rules
from scripts.forecast.rules import Applied
from tests.scripts.forecast.logs import BEGIN, DEFAULT, HEALTH, PREFIX, WEB, common
from xray.sampling import SamplingRule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.environment import Environment
    from scripts.localcloud_process import LocalCloud

NAME = "cruddur-local-backend-flask"


def _run(*words: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", "forecast", *words],
        env={**os.environ, "TRACED_BACKEND_LOCAL": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A small access log with one broken line."""
    lines = [common(BEGIN + number // 20, "GET /api/activities/home HTTP/1.1") for number in range(4000)]
    lines += ["broken", *(common(BEGIN + number, "GET /health HTTP/1.1") for number in range(200))]
    (tmp_path / "access.log").write_text("\n".join(lines))
    return tmp_path / "access.log"


@pytest.fixture
def applied_rule(local: Environment) -> Iterator[None]:
    """The service's rule as it might have been applied before: with another rate."""
    xray = Clients(local.variables["AWS_REGION"]).xray()
    rule = SamplingRule(NAME, 9000, 0.5, 1, service_name=NAME)
    xray.create_sampling_rule(SamplingRule=rule.to_api())  # type: ignore[arg-type]
    try:
        yield
    finally:
        xray.delete_sampling_rule(RuleName=NAME)


@pytest.mark.usefixtures("applied_rule")
def test_a_log_against_what_is_applied(cloud: tuple[Path, LocalCloud], log: Path, tmp_path: Path) -> None:
    """The rendered rules and X-Ray's own, of the same log: JSON alone on stdout, and the picture."""
    out = tmp_path / "forecast.svg"
    words = ("--traffic", str(log), "--workers", "2", "--format", "json", "--out", str(out))
    finished = _run(*words, folder=cloud[0])
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["traffic"]["broken_lines"] == [4001]
    ours = {rule["name"]: rule for rule in found["proposed"]["rules"]}[NAME]
    # twenty a second, of which two workers' reservoir takes five, and a tenth of the rest
    assert ours["traces_per_second"] == pytest.approx(5 + 0.1 * 15, rel=0.02)
    before = {rule["name"]: rule for rule in found["applied"]["rules"]}[NAME]
    # and of the rule that was there before, the health checks' one too
    assert before["traces_per_second"] == pytest.approx(1 + 0.5 * 20, rel=0.02)
    assert found["proposed"]["health_checks"] == {"requests_per_second": 1.0, "traces_per_second": 0.0}
    assert ElementTree.parse(out).getroot().tag.endswith("svg")  # noqa: S314 - our own
    assert finished.stderr.splitlines()[-1].startswith("forecast local: ")


def test_a_budget_that_is_exceeded(cloud: tuple[Path, LocalCloud]) -> None:
    """1, with rules within it in the table and for env.hcl."""
    finished = _run("--routes", "GET /a=500/s, GET /b=3/d", "--budget", "20", folder=cloud[0])
    assert finished.returncode == 1, finished.stderr
    assert 'sampling_rules = {\n  "health" = {' in finished.stdout
    assert "which is over it" in finished.stdout
    assert finished.stdout.splitlines()[-1].endswith(", over budget")


def test_blind_spots_beyond_the_limit(cloud: tuple[Path, LocalCloud]) -> None:
    """1 where more routes are blind than BLIND allows; a limit that holds is 0, in Markdown too."""
    words = ("--routes", "GET /a=500/s, GET /b=1/d", "--format", "markdown")
    finished = _run(*words, "--blind", "0", folder=cloud[0])
    assert finished.returncode == 1, finished.stderr
    assert finished.stdout.startswith("### Forecast, local\n")
    assert _run(*words, "--blind", "1", folder=cloud[0]).returncode == 0


def test_tasks_times_workers(cloud: tuple[Path, LocalCloud]) -> None:
    """Without WORKERS: tasks times what gunicorn starts."""
    words = ("--routes", "GET /a=5/s", "--format", "json")
    for variables, expected in (({}, 6), ({"GUNICORN_WORKERS": "4"}, 12)):
        finished = _run(*words, "--tasks", "3", folder=cloud[0], **variables)
        assert json.loads(finished.stdout)["workers"] == expected
    assert _run(*words, folder=cloud[0], GUNICORN_WORKERS="many").returncode == 2


def test_where_x_ray_can_not_be_asked_the_proposed_rules_are_shown(
    cloud: tuple[Path, LocalCloud], tmp_path: Path
) -> None:
    """Their forecast needs nobody's answer; that the others aren't known is said."""
    text = (cloud[0] / "env").read_text()
    (tmp_path / "env").write_text(text.replace(cloud[1].aws_endpoint_url, "http://127.0.0.1:1"))
    finished = _run("--routes", "GET /a=5/s", "--format", "json", folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["applied"] is None
    assert any("the rules applied now are not known: http://127.0.0.1:1" in note for note in found["notes"])
    assert found["proposed"]["traces_per_second"] > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no traffic is given"),
        (("--traffic", "/nowhere/at/all"), "is not there"),
        (("--routes", "GET /a"), "has no rate"),
        (("--routes", "GET /a=1", "--traffic", "x"), "not allowed with"),
        (("--routes", "GET /a=1", "--workers", "0"), "expected a whole number from 1"),
        (("--routes", "GET /a=1", "--budget", "nan"), "expected a number from 0"),
        (("--routes", "GET /a=1", "--budget", "-1"), "expected a number from 0"),
        (("--routes", "GET /a=1", "--blind", "1.5"), "expected a whole number from 0"),
        (("--routes", "GET /a=1", "--out", "/nowhere/a.svg"), "there is no folder for"),
        (("--routes", "GET /a=1", "--prices", "/nowhere.json"), "can't be read"),
        (("--routes", "GET /a=1", "--format", "yaml"), "invalid choice"),
    ],
)
def test_what_can_not_be_done(cloud: tuple[Path, LocalCloud], words: tuple[str, ...], message: str) -> None:
    """2, nothing on stdout, and what to do on stderr."""
    finished = _run(*words, folder=cloud[0])
    assert (finished.returncode, finished.stdout) == (2, "")
    assert message in finished.stderr
    assert "Traceback" not in finished.stderr


def test_proposed_is_what_there_is_after_an_apply() -> None:
    """Others' rules and Default stay as they are, ours that isn't asked for any more goes."""
    foreign = SamplingRule("somebody-elses", 10, 0.5, 3)
    old = SamplingRule(f"{PREFIX}old", 20, 0.5, 3)
    edited = SamplingRule("Default", 10_000, 0.01, 0)
    both = rules.lists([WEB, HEALTH], Applied((edited, foreign, old)), PREFIX)
    assert both.proposed == (foreign, HEALTH, WEB, edited)
    assert both.applied == (foreign, old, edited)
    assert both.notes == (f"taken as removed by an apply: {PREFIX}old",)


def test_unknown_applied_rules_are_said() -> None:
    """And Default is taken as X-Ray makes it; a rule that SDKs pass over is named."""
    gold = SamplingRule(f"{PREFIX}gold", 1, 1.0, 1, attributes={"tier": "gold"})
    both = rules.lists([gold, WEB], Applied(None, "no AWS credentials"), PREFIX)
    assert both.applied is None
    assert both.proposed == (gold, WEB, DEFAULT)
    assert both.notes[0] == "the rules applied now are not known: no AWS credentials"
    assert any(note.startswith(f"{PREFIX}gold decides nothing: attributes are set") for note in both.notes)
