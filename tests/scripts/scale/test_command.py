"""``python -m scripts scale`` as make runs it, and docs/scale.md against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scripts import paths
from scripts.scale import prices, sizes
from scripts.scale.load import TASKS, Load
from scripts.scale.report import markdown_table
from scripts.scale.result import reckon
from scripts.scale.tables import sampling, tables
from tests.scripts.scale.test_reckoning import TARIFF

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = paths.ROOT / "docs" / "scale.md"
SIMULATED_SECONDS = 60
MEASURED_WITHIN = 0.15


def _run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", "scale", *words],
        cwd=paths.ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_table_and_a_summary() -> None:
    """The usual numbers of tasks, the limits that are passed, the prices' sources and region, a last line."""
    finished = _run()
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    firsts = [line.split()[0] for line in lines if line.strip()]
    for tasks in TASKS:
        assert firsts.count(str(tasks)) >= 4
    assert "X-Ray's segments a second: 3,342 of 2,600" in finished.stdout
    assert "https://aws.amazon.com/vpc/pricing/" in finished.stdout
    assert "a month, USD, AWS in us-east-1" in lines
    assert lines[-1].startswith("scale: 1000 tasks, 16,667 requests/s, ")
    assert lines[-1].endswith("; 2 limits passed")


def test_json_alone_on_standard_output() -> None:
    """Every figure as a number, each number of tasks once and in order; the summary goes to stderr."""
    finished = _run("--tasks", "20, 3,20", "--rate", "5", "--seconds", "2", "--format", "json")
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert [one["tasks"] for one in found["tasks"]] == [3, 20]
    assert [one["tasks"] for one in found["simulated"]] == [3, 20]
    assert found["tasks"][1]["sampled"]["requests"] == 100
    assert found["tasks"][1]["ways"]["gateways"] == 2
    assert [one["deployment_vcpus"] for one in found["tasks"]] == [3, 20]
    assert found["region"] == "us-east-1"
    assert finished.stderr.splitlines()[-1].startswith("scale: 20 tasks")


def test_vcpus_are_told_to_be_compared() -> None:
    """Even where no limit is passed: what a deployment of the most tasks takes, and the quota's own name."""
    finished = _run("--tasks", "1,7")
    assert finished.returncode == 0, finished.stderr
    [told] = [line for line in finished.stdout.splitlines() if "Fargate On-Demand vCPU" in line]
    assert told.startswith("7 tasks: 7 vCPU while a deployment runs: compare with your account's quota")
    assert "no limit that is known here is passed" in finished.stdout


def test_another_regions_prices_are_told_as_such(tmp_path: Path) -> None:
    """The file's region is what the bill is titled with."""
    file = tmp_path / "prices.json"
    file.write_text(prices.FILE.read_text().replace("us-east-1", "eu-west-1"))
    finished = _run("--tasks", "1", "--prices", str(file))
    assert "a month, USD, AWS in eu-west-1" in finished.stdout
    assert "us-east-1" not in finished.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--reservoir", "0", "--fixed-rate", "0", "--errors", "0", "--slow", "0"),
        ("--rate", "0.001", "--tasks", "1"),
        ("--rate", "10000", "--tasks", "5000", "--reservoir", "100000", "--spans", "10000"),
        ("--errors", "1", "--slow", "1", "--fixed-rate", "1"),
    ],
)
def test_the_ends_of_what_is_taken(words: tuple[str, ...]) -> None:
    """Nothing sampled, hardly a request, far too much, everything failed: figures all the same."""
    seconds = () if "5000" in words else ("--seconds", "1")
    finished = _run(*words, *seconds, "--format", "json")
    assert finished.returncode == 0, finished.stderr
    assert "NaN" not in finished.stdout
    assert "Infinity" not in finished.stdout
    assert json.loads(finished.stdout)["tasks"]


def test_workers_are_gunicorns() -> None:
    """GUNICORN_WORKERS of each task."""
    finished = _run("--tasks", "4", "--format", "json", GUNICORN_WORKERS="3")
    assert json.loads(finished.stdout)["tasks"][0]["workers"] == 12


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--tasks", "0"), "expected up to 20 whole numbers from 1 to 5000"),
        (("--tasks", "1,two"), "expected up to 20 whole numbers"),
        (("--tasks", ""), "expected up to 20 whole numbers"),
        (("--tasks", "5001"), "expected up to 20 whole numbers"),
        (("--tasks", ",".join(map(str, range(1, 22)))), "expected up to 20 whole numbers"),
        (("--rate", "0"), "expected a number from 0.001"),
        (("--rate", "nan"), "expected a number from 0.001"),
        (("--fixed-rate", "1.1"), "expected a number from 0 to 1"),
        (("--errors", "-1"), "expected a number from 0 to 1"),
        (("--slow", "2"), "expected a number from 0 to 1"),
        (("--reservoir", "1.5"), "expected a whole number"),
        (("--spans", "0"), "expected a number from 1"),
        (("--seconds", "-1"), "expected a whole number from 0"),
        (("--seconds", "1", "--rate", "10000", "--tasks", "5000"), "50,000,000 requests, at most 3,000,000"),
        (("--prices", "/nowhere.json"), "can't be read"),
        (("--format", "yaml"), "invalid choice"),
    ],
)
def test_what_can_not_be_done(words: tuple[str, ...], message: str) -> None:
    """2, nothing on stdout, and what was expected on stderr."""
    finished = _run(*words)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert message in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("workers", ["0001000000", "many", "0", "257", "99999"])
def test_other_workers_are_refused(workers: str) -> None:
    """As gunicorn.conf.py refuses them."""
    finished = _run(GUNICORN_WORKERS=workers)
    assert finished.returncode == 2
    assert f"GUNICORN_WORKERS is '{workers}', expected 1 to 256" in finished.stderr


def test_the_document_has_the_commands_tables() -> None:
    """docs/scale.md: all tables as `make scale SIMULATE=60 FORMAT=markdown` gives them, and idle tasks'."""
    text = DOCUMENT.read_text()
    for rows in tables(reckon(TASKS, Load(), TARIFF, SIMULATED_SECONDS)):
        assert markdown_table(rows) in text, rows.title
    idle = reckon((10, 100, 1000), Load(requests_per_second=0.5), TARIFF)
    assert markdown_table(sampling(idle)) in text


def test_sizes_are_what_the_backend_sends() -> None:
    """Within 15 % of a fresh measurement of its own encoders."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.scripts.scale.measured"],
        cwd=paths.ROOT,
        env={**os.environ, "PYTHONPATH": str(paths.BACKEND)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    for name, figure in (
        ("otlp_bytes", sizes.OTLP_BYTES),
        ("otlp_wire_bytes", sizes.OTLP_WIRE_BYTES),
        ("xray_wire_bytes", sizes.XRAY_WIRE_BYTES),
    ):
        assert found[name] / found["spans"] == pytest.approx(figure, rel=MEASURED_WITHIN), name
    assert found["log_bytes"] == 0
    # gunicorn adds about a hundred bytes of its own headers
    assert found["largest_answer_bytes"] + 100 == pytest.approx(sizes.ANSWER_BYTES, rel=MEASURED_WITHIN)
