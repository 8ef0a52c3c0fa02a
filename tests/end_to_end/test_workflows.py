"""Each workflow's commands, run on a local cloud of their own, with a GitHub on loopback."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import boto3
import pytest
import requests

from scripts.github import kept
from tests.end_to_end import runner
from tests.end_to_end.checkout import Checkout
from tests.scripts.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP = "cruddur-local-backend-flask"
# Every job that runs a command, and the test below that runs it.
RUN_HERE = {
    ("ci.yml", "lint"),
    ("ci.yml", "test"),
    ("plan.yml", "check"),
    ("plan-environment.yml", "plan"),
    ("apply-environment.yml", "apply"),
    ("deploy-environment.yml", "deploy"),
    ("verify-environment.yml", "verify"),
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout with a local cloud on which nothing is applied."""
    copy = Checkout.copy_to(tmp_path_factory.mktemp("workflows") / "checkout")
    copy.succeed("local-up")
    try:
        yield copy
    finally:
        copy.succeed("local-down")


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A repository without issues and comments."""
    for name in ("GITHUB_TOKEN", "MAKEFLAGS", "MAKELEVEL", "ROUTES", "DOCUMENTS", "REPORT"):
        monkeypatch.delenv(name, raising=False)
    with serving() as there:
        yield there


def test_every_job_that_runs_a_command_is_run_here() -> None:
    """A new job needs a test."""
    assert runner.jobs_with_commands() == RUN_HERE


@pytest.mark.parametrize(("job", "module"), [("lint", "tools.lint"), ("test", "tools.run_tests")])
def test_lint_and_test_are_the_targets_of_everybody(
    job: str, module: str, checkout: Checkout, github: GitHub, tmp_path: Path
) -> None:
    """Only what make would do is looked at: these tests are part of it."""
    done = runner.run("ci.yml", job, checkout, github, tmp_path, make_flags="n")
    assert done.is_good, done.printed
    assert re.search(rf"^\.venv/bin/python -m {re.escape(module)}$", done.printed, re.MULTILINE)


def test_a_fork_gets_the_check(checkout: Checkout, github: GitHub, tmp_path: Path) -> None:
    """In the job's summary, without credentials and without GitHub."""
    done = runner.run("plan.yml", "check", checkout, github, tmp_path)
    assert done.is_good, done.printed
    assert done.summary.startswith("### Check, local\n\n**All passed**")
    assert github.requests == []


def test_a_pull_request_gets_a_comment(checkout: Checkout, github: GitHub, tmp_path: Path) -> None:
    """Check, plans and forecast in the one that an earlier run opened; the key's unit is not planned."""
    github.add_comment(f"{kept.marker('plan-local')}\nfrom before")
    routes = {"FORECAST_ROUTES": "GET /api/activities/home=20/s"}
    done = runner.run("plan-environment.yml", "plan", checkout, github, tmp_path, variables=routes)
    assert set(done.outcomes.values()) == {"success"}, done.printed
    assert "pull-request-comment plan-local: updated: " in done.printed
    (comment,) = github.comments
    assert "from before" not in comment["body"]
    for part in ("### Check, local", "### Forecast, local", "**All passed**", "| plan.xray.rule."):
        assert part in comment["body"]
    for unit in ("xray", "honeycomb", "logs"):
        assert f"<summary>plan-{unit}</summary>" in comment["body"]
        assert re.search(rf"^plan local: .*in {unit}$", comment["body"], re.MULTILINE)
    assert "honeycomb-key" not in "".join(
        step.get("run", "") for step in runner.workflow("plan-environment.yml")["jobs"]["plan"]["steps"]
    )


def test_a_wrong_filter_is_commented_on_too(checkout: Checkout, github: GitHub, tmp_path: Path) -> None:
    """The check fails, nothing is planned, and the comment says both."""
    unit = checkout.root / "terraform" / "backend-app" / "config" / "local" / "xray" / "terragrunt.hcl"
    text = unit.read_text()
    unit.write_text(re.sub(r"(?m)^(\s*filter_expression\s*=).*$", r'\1 "service(\\"backend-flash\\")"', text))
    assert unit.read_text() != text
    try:
        done = runner.run("plan-environment.yml", "plan", checkout, github, tmp_path)
    finally:
        unit.write_text(text)
    assert done.outcomes["check"] == "failure"
    assert done.outcomes["plan xray"] == done.outcomes["forecast"] == "skipped"
    assert done.outcomes["comment"] == "success", done.printed
    (comment,) = github.comments
    assert "**Not all is well**" in comment["body"]
    assert "backend-flash" in comment["body"]
    assert "Not made in this run: plan-xray, plan-honeycomb, plan-logs, forecast." in comment["body"]


def test_apply_verify_and_the_issue_on_drift(checkout: Checkout, github: GitHub, tmp_path: Path) -> None:
    """Applied by the workflow, the key by an operator: all passes. A deleted group opens the issue."""

    def verified() -> runner.Run:
        return runner.run("verify-environment.yml", "verify", checkout, github, tmp_path)

    done = runner.run("apply-environment.yml", "apply", checkout, github, tmp_path)
    assert done.is_good, done.printed
    checkout.succeed("apply", "--unit", "honeycomb-key")
    well = verified()
    assert well.outcomes == {"verify": "success", "issue": "success"}, well.printed
    assert github.issues == []
    addresses = checkout.addresses()
    session = boto3.Session(
        addresses["AWS_ACCESS_KEY_ID"],
        addresses["AWS_SECRET_ACCESS_KEY"],
        region_name=addresses["AWS_REGION"],
    )
    xray = session.client("xray", endpoint_url=addresses["AWS_ENDPOINT_URL"])
    xray.delete_group(GroupName=GROUP)
    drifted = verified()
    assert drifted.outcomes == {"verify": "failure", "issue": "success"}, drifted.printed
    (issue,) = github.issues
    assert issue["title"] == "make verify ENV=local: not all checks pass"
    assert f"| xray.group.{GROUP} |" in issue["body"].partition("<details>")[0]
    checkout.succeed("apply", "--unit", "xray")
    assert verified().is_good
    assert [one["state"] for one in github.issues] == ["closed"]


@pytest.mark.timeout(1800)
def test_deploy_after_what_it_stands_on(checkout: Checkout, github: GitHub, tmp_path: Path) -> None:
    """Its units alone, once a person has applied the others; an image that isn't there is refused.

    What serves stands in the job's summary, whatever became of the deployment.
    """
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])

    def deployed(image: str = "") -> runner.Run:
        # The local cloud has the backend on a port of this machine: a free one, as if make had been told so.
        flags = f" -- PORT={port}"
        return runner.run(
            "deploy-environment.yml", "deploy", checkout, github, tmp_path, image=image, make_flags=flags
        )

    applied = checkout.run("apply", "--unit", "all", timeout=runner.STEP_TIMEOUT_SECONDS)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    done = deployed()
    assert done.outcomes == {"deploy": "success", "summary": "success"}, done.printed
    assert requests.get(f"http://127.0.0.1:{port}/health", timeout=10).ok
    [image] = re.findall(r"^service\.image = (\S+:\w+)$", done.summary, re.MULTILINE)
    assert done.summary.startswith("### Outputs, local\n")
    assert "service.url = https://" in done.summary
    assert re.search(r"(?m)^apply local: registry, service, alarms, account ", done.printed)
    repository = image.rpartition(":")[0]
    refused = deployed(f"{repository}:none-such")
    assert refused.outcomes == {"deploy": "failure", "summary": "success"}
    assert f"there is no image {repository}:none-such" in refused.printed
    assert refused.summary.count(f"service.image = {image}\n") == 2
    assert github.requests == []


def test_what_could_not_be_verified_leaves_the_issue_as_it_is(
    checkout: Checkout, github: GitHub, tmp_path: Path
) -> None:
    """Neither opened nor closed: nothing was seen."""
    env = checkout.root / ".local" / "env"
    addresses = env.read_text()
    try:
        for changed, said in ((None, "empty"), (_nowhere(addresses), "it could not ask")):
            env.unlink(missing_ok=True)
            if changed is not None:
                env.write_text(changed)
            done = runner.run("verify-environment.yml", "verify", checkout, github, tmp_path)
            assert done.outcomes == {"verify": "failure", "issue": "failure"}
            assert f"is no report of verify ({said}" in done.printed
            assert github.requests == []
    finally:
        env.write_text(addresses)


def _nowhere(addresses: str) -> str:
    """Return the addresses with an endpoint of AWS's where nothing answers."""
    changed = re.sub(r"(?m)^((?:export )?AWS_ENDPOINT_URL=).*$", r"\1http://127.0.0.1:9", addresses)
    assert changed != addresses
    return changed
