"""What the verification of an environment looks at: with the number of workers, what each of them loaded."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
NUMBER = "${{ inputs.workers }}"
# What GitHub makes of each expression, without and with the number.
EVALUATED = {
    "": {NUMBER: "", "${{ inputs.workers && 'logs' }}": ""},
    "4": {NUMBER: "4", "${{ inputs.workers && 'logs' }}": "logs"},
}


def _jobs(name: str) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text())["jobs"]
    return jobs


@pytest.mark.parametrize(
    ("workers", "asked"),
    [("", "--env 'dev' --format 'json'"), ("4", "--env 'dev' --format 'json' --loaded 'logs' --workers '4'")],
)
def test_with_the_number_of_workers_it_reads_what_each_loaded(
    workers: str, asked: str, tmp_path: Path
) -> None:
    """Out of the log group; without it nothing but what AWS and Honeycomb have."""
    [step] = [one for one in _jobs("verify-environment.yml")["verify"]["steps"] if one.get("id") == "verify"]
    given = {name: EVALUATED[workers][value] for name, value in step["env"].items()}
    subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=ROOT,
        env={**os.environ, **given, "ENVIRONMENT": "dev", "RUNNER_TEMP": str(tmp_path), "MAKEFLAGS": "n"},
        check=True,
    )
    [line] = [one for one in (tmp_path / "verify.json").read_text().splitlines() if "-m scripts" in one]
    assert " ".join(line.split()).endswith(f"-m scripts verify {asked}")


@pytest.mark.parametrize(
    ("file", "jobs"),
    [
        ("apply.yml", {"deploy-dev": "DEV", "deploy-prod": "PROD"}),
        ("deploy.yml", {"dev": "DEV", "prod": "PROD"}),
        ("verify.yml", {"dev": "DEV", "prod": "PROD"}),
    ],
)
def test_every_verification_of_an_environment_has_its_number(file: str, jobs: dict[str, str]) -> None:
    """After a deployment and at night alike: else the night would close the issue that the other opened."""
    found = _jobs(file)
    for name, suffix in jobs.items():
        assert found[name]["with"]["workers"] == f"${{{{ vars.WORKERS_{suffix} }}}}"
    assert _jobs("deploy-environment.yml")["verify"]["with"]["workers"] == NUMBER
