"""A workflow's jobs as GitHub's runner runs them, as far as ours need it: the commands of their steps.

What isn't known here (an expression, a condition) fails the test, so that no workflow outgrows this unseen.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.end_to_end.checkout import Checkout
    from tests.scripts.github.server import GitHub

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
STEP_TIMEOUT_SECONDS = 900
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Run:
    """What became of a job: each step's outcome by its name, what was printed, and the job's summary."""

    outcomes: dict[str, str] = field(default_factory=dict)
    printed: str = ""
    summary: str = ""

    @property
    def is_good(self) -> bool:
        """Tell whether no step failed."""
        return "failure" not in self.outcomes.values()


def workflow(name: str) -> dict[str, Any]:
    """Return the workflow in the file *name*; YAML 1.1 reads its ``on`` as true."""
    document = yaml.safe_load((WORKFLOWS / name).read_text())
    assert isinstance(document, dict)
    return document


def jobs_with_commands() -> set[tuple[str, str]]:
    """Return each job that runs a command, with its file's name."""
    return {
        (path.name, name)
        for path in WORKFLOWS.iterdir()
        for name, job in workflow(path.name)["jobs"].items()
        if any("run" in step for step in job.get("steps", []))
    }


def run(
    file: str,
    job_name: str,
    checkout: Checkout,
    github: GitHub,
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    image: str = "",
    make_flags: str = "",
) -> Run:
    """Run a job's commands in *checkout*, on the local cloud in place of dev and prod.

    *variables* are the repository's, *image* is what the run was given, *make_flags* what every make gets: by
    ``n`` it only says what it would do.
    """
    job = workflow(file)["jobs"][job_name]
    known = {
        "inputs.environment": "local",
        "inputs.image": image,
        "inputs.workers": "",
        "inputs.workers && 'logs'": "",
        "matrix.environment": "local",
        "runner.temp": str(folder),
        "secrets.GITHUB_TOKEN": github.variables["GITHUB_TOKEN"],
        "vars.FORECAST_ROUTES": (variables or {}).get("FORECAST_ROUTES", ""),
    }
    runners = {name: value for name, value in github.variables.items() if name != "GITHUB_TOKEN"}
    summary = folder / "summary.md"
    summary.touch()
    runners |= {"RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(summary), "PYTHON": sys.executable}
    done = Run()
    for step in job["steps"]:
        if "run" not in step:
            continue
        name = step["name"]
        if not _is_due(str(step.get("if", "success()")), done, known):
            done.outcomes[name] = "skipped"
            continue
        script = folder / "step.sh"
        script.write_text(step["run"] + "\n")
        given = {**job.get("env", {}), **step.get("env", {})}
        environment = {**os.environ, **runners} | {one: _filled(value, known) for one, value in given.items()}
        if make_flags:
            environment["MAKEFLAGS"] = make_flags
        finished = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", str(script)],
            cwd=checkout.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=STEP_TIMEOUT_SECONDS,
            check=False,
        )
        done.printed += finished.stdout + finished.stderr
        done.outcomes[name] = "success" if finished.returncode == 0 else "failure"
    done.summary = summary.read_text()
    assert github.variables["GITHUB_TOKEN"] not in done.printed + done.summary
    return done


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: known[found[1]], str(text))


def _is_due(condition: str, done: Run, known: Mapping[str, str]) -> bool:
    expression = _EXPRESSION.sub(r"\1", condition)
    due = {
        "success()": done.is_good,
        "!cancelled()": True,
        "!cancelled() && steps.verify.outcome != 'skipped'": done.outcomes.get("verify") != "skipped",
        "!cancelled() && steps.deploy.outcome != 'skipped'": done.outcomes.get("deploy") != "skipped",
        "vars.FORECAST_ROUTES != ''": done.is_good and known["vars.FORECAST_ROUTES"] != "",
    }
    return due[expression]
